import { globSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import ts from "typescript";

/** Where sentences for people stand. */
const SOURCES = ["client-web/src/**/*.{ts,tsx}", "client-core/src/**/*.ts", "protocol/src/**/*.ts"];
const PAGE = new URL("../../docs/sentences.md", import.meta.url);

/** Attributes and fields that are never read by a person. */
const NOT_SHOWN = new Set(["className", "href", "src", "d", "viewBox", "type", "sandbox", "rel", "charSet"]);

/** What a source says to people, in its order: text of the markup, and every string that reads like a sentence. */
export function sentencesOf(file: string, text: string): string[] {
  const source = ts.createSourceFile(
    file,
    text,
    ts.ScriptTarget.Latest,
    true,
    file.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: string[] = [];
  /** Elements whose words stand in the sentence around them. */
  const told = new Set<ts.Node>();
  const add = (raw: string) => {
    const sentence = raw.replace(/\s+/gu, " ").trim();
    // What is only logged begins with what was being done.
    if (/\p{L}{2}/u.test(sentence) && !/^[a-z]+ing /u.test(sentence)) found.push(sentence);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isNewExpression(node) && node.expression.getText() === "Error") return;
    if (ts.isJsxAttribute(node) && NOT_SHOWN.has(node.name.getText())) return;
    if (told.has(node) && ts.isJsxExpression(node) && node.expression && ts.isStringLiteral(node.expression))
      return;
    if (ts.isCallExpression(node) && /(?:\blog|\.describe)$/u.test(node.expression.getText())) return;
    if (ts.isJsxElement(node) || ts.isJsxFragment(node)) {
      if (
        told.has(node) ||
        node.children.some((child) => ts.isJsxText(child) && /\p{L}{2}/u.test(child.text))
      ) {
        if (!told.has(node)) add(node.children.map(wordsOf).join(""));
        for (const child of node.children) told.add(child);
      }
    } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (readsLikeOne(node.text)) add(node.text);
    } else if (ts.isTemplateExpression(node)) {
      const words = node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("");
      if (readsLikeOne(words)) add(words);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Two words of small letters at least, or one that begins with a capital, as labels do. */
function readsLikeOne(text: string): boolean {
  return /^[\p{Lu}…“(].*\p{Ll}/su.test(text) && !/^[\w$]*[A-Z_]{2}|[{};<>\\]|^\p{Lu}\p{Ll}+\p{Lu}/u.test(text)
    ? true
    : /^[\p{Ll}…,: ’]+(?: [\p{L}’…]+){2,}[.,:;?]?/u.test(text);
}

function wordsOf(child: ts.JsxChild): string {
  if (ts.isJsxText(child)) return child.text;
  if (ts.isJsxExpression(child))
    return child.expression && ts.isStringLiteral(child.expression) ? child.expression.text : "…";
  if (ts.isJsxSelfClosingElement(child)) return "…";
  return child.children.map(wordsOf).join("");
}

/** The page: each source with its sentences. */
export async function sentencesPage(): Promise<string> {
  const files = SOURCES.flatMap((pattern) => globSync(pattern))
    .filter((file) => !/\.test\.|\/testing\/|\.d\.ts$/u.test(file))
    .toSorted();
  const parts = await Promise.all(
    files.map(async (file) => {
      const sentences = [...new Set(sentencesOf(file, await readFile(file, "utf8")))];
      return sentences.length === 0
        ? ""
        : `\n## ${file}\n\n${sentences.map((each) => `- ${each}\n`).join("")}`;
    }),
  );
  return `# What Hearth says\n\nEvery sentence that a person may read, by the source that says it, to be read in one go. Made by \`npm run sentences\`;\na test holds it true. “…” stands for what is filled in.\n${parts.join("")}`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await writeFile(PAGE, await sentencesPage());
