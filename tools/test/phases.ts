// What `npm test` runs, in the order in which a failure is cheapest to find.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "../browser.mjs";
import { ensureSetup, root } from "../setup/index.mjs";
import { runToEnd } from "./child.ts";
import { check, nothing, sum, type Outcome } from "./outcome.ts";
import { readUnittest } from "./pythonTests.ts";
import { runVitest } from "./vitest.ts";

export type Phase = {
  name: string;
  about: string;
  /** @param names what the caller narrowed the run to; phases without names of their own ignore it */
  run: (names: readonly string[]) => Promise<Outcome>;
};

const typed = ["protocol", "client-core", "client-web", "bots", "tools", "e2e"];

const node = (script: string, ...args: string[]) => runToEnd(process.execPath, [script, ...args]);
const bin = (path: string, ...args: string[]) => node(join("node_modules", path), ...args);

export const phases: readonly Phase[] = [
  {
    name: "format",
    about: "prettier",
    run: async () => {
      const { ok, output } = await bin("prettier/bin/prettier.cjs", "--check", ".");
      return check(ok, output);
    },
  },
  {
    name: "lint",
    about: "oxlint with types, banned calls",
    run: async () => {
      const lint = await node("tools/test/lint.ts");
      const banned = await node("tools/test/bannedCalls.ts");
      return sum([check(lint.ok, lint.output), check(banned.ok, banned.output)]);
    },
  },
  {
    name: "arrows",
    about: "which part may import which",
    run: async () => {
      const { ok, output } = await node("tools/test/arrows.ts");
      return check(ok, output);
    },
  },
  {
    name: "unused",
    about: "files, exports, dependencies",
    run: async () => {
      const { ok, output } = await bin("knip/bin/knip.js", "--no-progress");
      return check(ok, output);
    },
  },
  { name: "types", about: "tsc, each part with its own globals", run: typesOfEachPart },
  {
    name: "module",
    about: "the Synapse module, in Python",
    run: async () => {
      const args = ["-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."];
      const { ok, output } = await runToEnd(join(root, ".hearth/venv/bin/python"), args, {
        cwd: join(root, "synapse-config/module"),
      });
      return readUnittest(output, ok);
    },
  },
  { name: "unit", about: "rules and properties, no network", run: (names) => runVitest("unit", names, {}) },
  {
    name: "web",
    about: "production build of the web client",
    run: async () => {
      await ensureSetup({ synapse: false, web: true });
      return { ...nothing, passed: 1 };
    },
  },
  {
    name: "integration",
    about: "against a real Synapse",
    run: (names) => runVitest("integration", names, {}),
  },
  {
    name: "journeys",
    about: "real browsers, real Synapse, real bots",
    run: async (names) => {
      // A journey walks through the built client; alone (`npm run test:journeys`) nobody else has built it.
      await ensureSetup({ synapse: false, web: true });
      return runVitest("journeys", names, { HEARTH_CHROMIUM: await ensureBrowser() });
    },
  },
];

/** Two at a time: on a small machine more only wait for each other. */
async function typesOfEachPart(): Promise<Outcome> {
  const waiting = typed.filter((part) => existsSync(join(root, part, "tsconfig.json")));
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { ok, output } = await bin("typescript/bin/tsc", "--project", part, "--incremental", "false");
      outcomes.push(check(ok, output));
    }
  };
  await Promise.all([work(), work()]);
  return sum(outcomes);
}
