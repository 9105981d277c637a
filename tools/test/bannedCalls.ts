// matrix-js-sdk's own invite and join share or accept old room keys whatever their options say, which would give a
// newcomer what only an admin may grant (P6). Ours go through one adapter that calls the endpoints. And its way to
// encrypt for a device looks the device up by its id alone, which is the server's to give away anew (P8); some others
// keep hold of the store, which then can't be rotated (P3). This check finds, by type and not by spelling, every such
// call, and proves on a canary that it can.
import { existsSync, globSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const canary = "tools/test/canary/banned/calls.ts";
const CALLS = 4;
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
  rootNames: [...files, canary].map((file) => join(root, file)),
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

/** Every place in `file` that takes a banned method from the SDK, as "path:line name: what to do". */
function findings(file: string): string[] {
  const source = program.getSourceFile(join(root, file));
  if (!source) throw new Error(`${file} could not be read`);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const taken = nameTaken(node);
    const isForger = taken !== undefined && file.startsWith("e2e/") && mayForge.has(taken.name);
    if (taken && !isForger && isOfTheSdk(taken.symbol)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      const instead = banned.get(taken.name);
      found.push(`${relative(root, source.fileName)}:${line + 1} ${taken.name}: ${instead}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const failures = files.flatMap(findings);
for (const failure of failures) console.log(failure);
const caught = existsSync(join(root, canary)) ? findings(canary).length : 0;
if (caught !== CALLS)
  console.log(`${canary}: ${caught} of its ${CALLS} calls were found, so this check proves nothing`);
console.log(
  `${files.length} files, ${banned.size} banned methods${caught === CALLS ? ", canary caught" : ""}`,
);
process.exitCode = failures.length > 0 || caught !== CALLS ? 1 : 0;
