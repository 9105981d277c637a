// The arrows between the parts (ARCHITECTURE.md). Each rule has a canary of the same name in tools/test/canary/arrows:
// a file that breaks it, and tools/test/arrows.ts fails when dependency-cruiser lets that file pass.

/** The part's own folder, or the canary that plays it. */
const from = (part) => `^(tools/test/canary/arrows/)?${part}/`;
/** Tests, and what only tests import. */
const tests = "(\\.test\\.tsx?$|/testing/)";
const npm = (names) => `(^|/)node_modules/(${names})(/|$)`;
/** Everything that can turn a room key into a plaintext. `bots/no-crypto` is what stands in for the native one. */
const cryptoLibraries = npm("matrix-js-sdk|@matrix-org/matrix-sdk-crypto-wasm|@matrix-org/olm|olm");

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "protocol-imports-nothing-of-ours",
      severity: "error",
      comment: "protocol/ is what the parties say to each other; it knows none of them.",
      from: { path: from("protocol") },
      to: { path: "^(client-core|client-web|bots|synapse-config|tools|e2e)/" },
    },
    {
      name: "protocol-is-pure",
      severity: "error",
      comment:
        "Its rules run in browsers, workers, bots and Node alike: zod, hashes, and nothing else: no clock, no file, no network.",
      from: { path: from("protocol"), pathNot: tests },
      to: { dependencyTypes: ["core", "npm", "npm-dev", "npm-no-pkg"], pathNot: npm("zod|@noble/hashes") },
    },
    {
      name: "client-core-imports-protocol-only",
      severity: "error",
      from: { path: from("client-core") },
      to: { path: "^(client-web|bots|synapse-config|tools|e2e)/" },
    },
    {
      name: "client-core-has-no-screen",
      severity: "error",
      comment: "The same core runs in a worker, in Electron and in Node.",
      from: { path: from("client-core") },
      to: { path: npm("react|react-dom|react-aria-components|next") },
    },
    {
      name: "client-core-sdk-behind-one-folder",
      severity: "error",
      comment:
        "What we ask of matrix-js-sdk, and what we replace in it, is found in one folder (sdk/patches.ts).",
      from: {
        path: from("client-core"),
        pathNot: `^(tools/test/canary/arrows/)?client-core/src/sdk/|${tests}`,
      },
      to: { path: npm("matrix-js-sdk|@matrix-org/matrix-sdk-crypto-wasm") },
    },
    {
      name: "client-core-work-knows-nobody",
      severity: "error",
      comment:
        "Clock, turns, retry and jobs are what all others stand on: types included, they name none of them.",
      from: { path: `${from("client-core")}src/work/` },
      to: { path: from("client-core"), pathNot: `${from("client-core")}src/work/` },
    },
    {
      name: "client-core-rooms-know-no-feature",
      severity: "error",
      comment: "What a room's log comes to is its projection's to say (rooms/projection.ts).",
      from: { path: `${from("client-core")}src/rooms/`, pathNot: tests },
      to: { path: `${from("client-core")}src/(features|outbox)/` },
    },
    {
      name: "client-core-has-no-cycles-of-types-either",
      severity: "error",
      comment:
        "Two files that name each other are understood together or not at all. Those of session/steps/ go with the ladder.",
      from: { path: from("client-core") },
      to: { circular: true, viaOnly: { pathNot: "^client-core/src/session/steps/" } },
    },
    {
      name: "client-web-imports-contract-and-worker-only",
      severity: "error",
      comment:
        "The screen speaks to the core through its contract; the worker's entry, and what talks to it, are all else.",
      from: { path: from("client-web") },
      to: { path: "^client-core/", pathNot: "^client-core/src/(contract/|host/(worker|browser)\\.ts$)" },
    },
    {
      name: "client-web-imports-no-other-part",
      severity: "error",
      from: { path: from("client-web") },
      to: { path: "^(bots|synapse-config|tools|e2e)/" },
    },
    {
      name: "client-web-holds-no-keys",
      severity: "error",
      comment: "No component touches the SDK: decrypting, folding and storing happen in the worker.",
      from: { path: from("client-web") },
      to: { path: `${cryptoLibraries}|${npm("matrix-bot-sdk|idb")}` },
    },
    {
      name: "bots-import-protocol-only",
      severity: "error",
      from: { path: from("bots") },
      to: { path: "^(client-core|client-web|synapse-config|tools|e2e)/" },
    },
    {
      name: "bots-load-no-crypto",
      severity: "error",
      comment: "[P2] Bots hold no keys.",
      from: { path: from("bots") },
      to: { path: `${cryptoLibraries}|^bots/no-crypto/` },
    },
    {
      name: "bots-sdk-behind-one-adapter",
      severity: "error",
      comment: "The bot asks the homeserver for a few named things (homeserver.ts); one file knows the SDK.",
      from: { path: from("bots"), pathNot: "^bots/src/matrixBotSdk\\.ts$" },
      to: { path: npm("matrix-bot-sdk") },
    },
    {
      name: "nobody-imports-tools",
      severity: "error",
      from: { path: ".", pathNot: "^(tools/(?!test/canary/)|e2e/|[^/]+$)" },
      to: { path: "^tools/(?!test/canary/)" },
    },
    {
      name: "nobody-imports-e2e",
      severity: "error",
      from: { path: ".", pathNot: "^(e2e/|[^/]+$)" },
      to: { path: "^e2e/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      comment:
        "Types may name each other across files; code that needs each other to load is one file or a missing third.",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolved",
      severity: "error",
      comment: "An import that the check can't follow is an arrow that it can't see.",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "(^|/)(\\.next|out|\\.hearth|dist)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.base.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "module", "browser", "default", "types"],
      mainFields: ["module", "main", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".cjs", ".d.ts", ".json"],
    },
  },
};
