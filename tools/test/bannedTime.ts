// Whoever waits in the client does it by the clock that the host lends (client-core/src/work/clock.ts), so that tests
// move the time. A timer, a date or a random number of the platform's own, anywhere but in host/ and work/, would be one
// that no test can move; found by type, so that neither another name for it nor a way round by globalThis helps.
import ts from "typescript";

const FUNCTIONS = new Set(["setTimeout", "setInterval", "setImmediate"]);
/** Name of a member, and what it must not be taken from: the names that the platform's own types have. */
const MEMBERS = new Map([
  ["now", new Set(["DateConstructor", "Performance"])],
  ["random", new Set(["Math"])],
  ["timeout", new Set(["AbortSignal"])],
]);

/** Where the client's time may come from the platform: its rim, and tests, which may wait for what is no clock. */
export function mayAskForTime(file: string): boolean {
  return (
    !file.startsWith("client-core/src/") ||
    /^client-core\/src\/(host|work)\//.test(file) ||
    /\.test\.ts$|\/testing\//.test(file)
  );
}

/** The platform's own time or chance that `node` takes, by name; undefined when it takes none. */
export function timeTaken(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  if (ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0)
    return ownerIs(checker.getSymbolAtLocation(node.expression), (owner) => owner === "Date")
      ? "new Date()"
      : undefined;
  const name = nameIn(node);
  if (name === undefined) return undefined;
  const symbol = symbolOf(node, name, checker);
  if (FUNCTIONS.has(name)) return ownerIs(symbol, (owner) => owner === name) ? name : undefined;
  const owners = MEMBERS.get(name);
  return owners && ownerIs(symbol, (owner) => owners.has(owner)) ? name : undefined;
}

function nameIn(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && !ts.isBindingElement(node.parent)) return node.text;
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    return node.argumentExpression.text;
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent))
    return (node.propertyName ?? node.name).getText();
  return undefined;
}

function symbolOf(node: ts.Node, name: string, checker: ts.TypeChecker): ts.Symbol | undefined {
  if (ts.isElementAccessExpression(node))
    return checker.getPropertyOfType(checker.getTypeAtLocation(node.expression), name);
  if (ts.isBindingElement(node))
    return checker.getPropertyOfType(checker.getTypeAtLocation(node.parent), name);
  return checker.getSymbolAtLocation(node);
}

/** Whether a symbol is one of the platform's, declared by or in something that has such a name. */
function ownerIs(symbol: ts.Symbol | undefined, isIt: (owner: string) => boolean): boolean {
  return (symbol?.declarations ?? []).some((at) => at.getSourceFile().isDeclarationFile && isIt(ownerOf(at)));
}

function ownerOf(declaration: ts.Node): string {
  for (let at = declaration; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isInterfaceDeclaration(at) || ts.isClassDeclaration(at) || ts.isFunctionDeclaration(at))
      return at.name?.text ?? "";
    if (ts.isVariableDeclaration(at)) return at.name.getText();
  }
  return "";
}
