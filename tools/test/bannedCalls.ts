// matrix-js-sdk's own invite and join share or accept old room keys whatever their options say, which would give a
// newcomer what only an admin may grant (P6). Ours go through one adapter that calls the endpoints. And its way to
// encrypt for a device looks the device up by its id alone, which is the server's to give away anew (P8); some others
// keep hold of the store, which then can't be rotated (P3). This check finds, by type and not by spelling, every such
// call, and proves on a canary that it can. With it go two others: time that is not the host's (bannedTime.ts),
// and views that are read back (bannedReads.ts).
import { existsSync, globSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { mayReadViews, viewRead } from "./bannedReads.ts";
import { mayAskForTime, timeTaken } from "./bannedTime.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const canary = "tools/test/canary/banned/calls.ts";
const CALLS = 4;
const timeCanary = "tools/test/canary/banned/time.ts";
const TIMES = 8;
const readCanary = "tools/test/canary/banned/reads.ts";
const READS = 4;
const TOLD = "decide by what is known (session/fromWorkspace.ts, the room book), not by what is shown of it";
const CLOCK = "take the host's clock, from the session or the environment: client-core/src/work/clock.ts";
const ROOMS = "use the client's own room adapter, which shares no old keys";
const TO_DEVICE = "use sdk/toDevice.ts, which encrypts for the keys that were looked at";
const HANDLES = "use sdk/machine.ts, which lets go of the store";
/** What to do instead, by name. */
const banned = new Map([
  ["invite", ROOMS],
  ["inviteByEmail", ROOMS],
  ["inviteByThreePid", ROOMS],
  ["joinRoom", ROOMS],
  ["maybeAcceptKeyBundle", ROOMS],
  ["shareRoomHistoryWithUser", ROOMS],
  ["encryptToDeviceMessages", TO_DEVICE],
  ["pinCurrentUserIdentity", HANDLES],
  ["withdrawVerificationRequirement", HANDLES],
]);
/** Tests play clients that have none of our rules. */
const mayForge = new Set(["encryptToDeviceMessages"]);

const files = globSync("{client-core/src,tools,e2e}/**/*.{ts,mjs}", {
  cwd: root,
  exclude: (path) => /(^|\/)(node_modules|canary)(\/|$)/.test(path.toString()),
});
const program = ts.createProgram({
  rootNames: [...files, canary, timeCanary, readCanary].map((file) => join(root, file)),
  options: {
    target: ts.ScriptTarget.ES2024,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
    allowJs: true,
    noEmit: true,
    skipLibCheck: true,
    strict: true,
    types: ["node"],
  },
});
const checker = program.getTypeChecker();

/** Whether `symbol` is declared by the SDK. A receiver of type any has no symbol; lint forbids any. */
function isOfTheSdk(symbol: ts.Symbol | undefined): boolean {
  const declarations = symbol?.declarations ?? [];
  return declarations.some((at) => at.getSourceFile().fileName.includes("/node_modules/matrix-js-sdk/"));
}

/** The banned name that `node` takes from something, with the symbol it names, or undefined. */
function nameTaken(node: ts.Node): { name: string; symbol: ts.Symbol | undefined } | undefined {
  if (ts.isPropertyAccessExpression(node) && banned.has(node.name.text)) {
    return { name: node.name.text, symbol: checker.getSymbolAtLocation(node.name) };
  }
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    const name = node.argumentExpression.text;
    const type = checker.getTypeAtLocation(node.expression);
    return banned.has(name) ? { name, symbol: checker.getPropertyOfType(type, name) } : undefined;
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = (node.propertyName ?? node.name).getText();
    const type = checker.getTypeAtLocation(node.parent);
    return banned.has(name) ? { name, symbol: checker.getPropertyOfType(type, name) } : undefined;
  }
  return undefined;
}

/** What `findOne` finds in `file`, as "path:line what: what to do". */
function search(file: string, findOne: (node: ts.Node) => string | undefined): string[] {
  const source = program.getSourceFile(join(root, file));
  if (!source) throw new Error(`${file} could not be read`);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const one = findOne(node);
    if (one !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${relative(root, source.fileName)}:${line + 1} ${one}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Every place that takes a banned method from the SDK. */
function calls(file: string): string[] {
  return search(file, (node) => {
    const taken = nameTaken(node);
    const isForger = taken !== undefined && file.startsWith("e2e/") && mayForge.has(taken.name);
    if (!taken || isForger || !isOfTheSdk(taken.symbol)) return undefined;
    return `${taken.name}: ${banned.get(taken.name)}`;
  });
}

/** Every place that takes the platform's own time or chance. */
function times(file: string): string[] {
  return search(file, (node) => {
    const taken = timeTaken(node, checker);
    return taken === undefined ? undefined : `${taken}: ${CLOCK}`;
  });
}

/** Every place that reads a published view. */
function reads(file: string): string[] {
  return search(file, (node) => {
    const taken = viewRead(node, checker);
    return taken === undefined ? undefined : `${taken}: ${TOLD}`;
  });
}

const failures = [
  ...files.flatMap(calls),
  ...files.filter((file) => !mayAskForTime(file)).flatMap(times),
  ...files.filter((file) => !mayReadViews(file)).flatMap(reads),
];
for (const failure of failures) console.log(failure);
let isProof = true;
for (const [file, look, wanted] of [
  [canary, calls, CALLS],
  [timeCanary, times, TIMES],
  [readCanary, reads, READS],
] as const) {
  const caught = existsSync(join(root, file)) ? look(file).length : 0;
  if (caught === wanted) continue;
  isProof = false;
  console.log(`${file}: ${caught} of its ${wanted} places were found, so this check proves nothing`);
}
console.log(
  `${files.length} files, ${banned.size} banned methods, time of their own, and views read back${isProof ? ", canaries caught" : ""}`,
);
process.exitCode = failures.length > 0 || !isProof ? 1 : 0;
