// What is published is a picture for a screen. Code of the client that decided by one would act on what was true when it
// was drawn, and on what a screen needs of it: so nothing below the hosts reads a view back. Found by type: the two
// members of `PublishedViews` that read, wherever they are taken.
import ts from "typescript";

const READS = new Set(["latest", "listen"]);
const VIEWS = "client-core/src/session/views.ts";

/** Where views may be read: where they are handed to the host, the hosts, and tests. */
export function mayReadViews(file: string): boolean {
  return (
    !file.startsWith("client-core/src/") ||
    /^client-core\/src\/(host\/|session\/(client|views)\.ts$)/.test(file) ||
    /\.test\.ts$|\/testing\//.test(file)
  );
}

/** The member that reads a published view and that `node` takes, by name; undefined when it takes none. */
export function viewRead(node: ts.Node, checker: ts.TypeChecker): string | undefined {
  const [name, symbol] = memberTaken(node, checker);
  const isOne =
    name !== undefined &&
    READS.has(name) &&
    symbol?.declarations?.some((at) => at.getSourceFile().fileName.endsWith(VIEWS));
  return isOne ? name : undefined;
}

function memberTaken(
  node: ts.Node,
  checker: ts.TypeChecker,
): readonly [string | undefined, ts.Symbol | undefined] {
  if (ts.isPropertyAccessExpression(node)) return [node.name.text, checker.getSymbolAtLocation(node.name)];
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    const name = node.argumentExpression.text;
    return [name, checker.getPropertyOfType(checker.getTypeAtLocation(node.expression), name)];
  }
  if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
    const name = (node.propertyName ?? node.name).getText();
    return [name, checker.getPropertyOfType(checker.getTypeAtLocation(node.parent), name)];
  }
  return [undefined, undefined];
}
