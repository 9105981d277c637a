// matrix-js-sdk's own invite and join share or accept old room keys whatever their options say, which would give a
// newcomer what only an admin may grant (P6). Ours go through one adapter that calls the endpoints; this check finds,
// by type and not by spelling, every other way to the SDK's, and proves on a canary that it can.
import { existsSync, globSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const canary = "tools/test/canary/banned/calls.ts";
const banned = new Set([
  "invite",
  "inviteByEmail",
  "inviteByThreePid",
  "joinRoom",
  "maybeAcceptKeyBundle",
  "shareRoomHistoryWithUser",
]);

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

/** Every place in `file` that takes a banned method from the SDK, as "path:line name". */
function findings(file: string): string[] {
  const source = program.getSourceFile(join(root, file));
  if (!source) throw new Error(`${file} could not be read`);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const taken = nameTaken(node);
    if (taken && isOfTheSdk(taken.symbol)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${relative(root, source.fileName)}:${line + 1} ${taken.name}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const failures = files.flatMap(findings);
for (const failure of failures)
  console.log(`${failure}: use the client's own room adapter, which shares no old keys`);
const caught = existsSync(join(root, canary)) ? findings(canary).length : 0;
if (caught !== 3) console.log(`${canary}: ${caught} of its 3 calls were found, so this check proves nothing`);
console.log(`${files.length} files, ${banned.size} banned methods${caught === 3 ? ", canary caught" : ""}`);
process.exitCode = failures.length > 0 || caught !== 3 ? 1 : 0;
