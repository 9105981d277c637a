import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/**
 * The look that a thief of the server's disk would take: every file below the given places, byte by byte, for
 * strings that must not be there. It knows nothing of Hearth's own code.
 */
export type Finding = { readonly token: string; readonly as: string; readonly file: string };

/** The forms in which a text could lie in a file: raw, escaped as JSON does, and inside base64 at any of three offsets. */
export function formsOf(token: string): { as: string; bytes: Buffer }[] {
  const raw = Buffer.from(token, "utf8");
  const forms = [
    { as: "raw", bytes: raw },
    { as: "json", bytes: Buffer.from(JSON.stringify(token).slice(1, -1), "utf8") },
    {
      as: "json-unicode",
      bytes: Buffer.from(
        [...token].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`).join(""),
      ),
    },
    { as: "utf-16", bytes: Buffer.from(token, "utf16le") },
    { as: "hex", bytes: Buffer.from(raw.toString("hex")) },
  ];
  // Base64 of text that begins 0, 1 or 2 bytes into a group of three; the characters at both ends depend on the
  // neighbours, so only those in between are looked for.
  for (const offset of [0, 1, 2]) {
    const coded = Buffer.concat([Buffer.alloc(offset, 0x20), raw])
      .toString("base64")
      .replaceAll("=", "");
    const inner = coded.slice(offset === 0 ? 0 : offset + 1, -2);
    forms.push({ as: `base64+${offset}`, bytes: Buffer.from(inner) });
    const url = inner.replaceAll("+", "-").replaceAll("/", "_");
    if (url !== inner) forms.push({ as: `base64url+${offset}`, bytes: Buffer.from(url) });
  }
  return forms;
}

/** Every regular file at or below a path; a path that isn't there gives none. */
export async function filesBelow(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return [];
  if (info.isFile()) return [path];
  if (!info.isDirectory()) return [];
  // A folder that a running server takes away between the two looks gives none, either.
  const names = await readdir(path).catch(() => []);
  return (await Promise.all(names.map((name) => filesBelow(join(path, name))))).flat();
}

/** Looks for every token in every file below the given paths. Files are read whole: these are a test's. */
export async function scan(
  paths: readonly string[],
  tokens: readonly string[],
): Promise<{ files: number; findings: Finding[] }> {
  const files = [...new Set((await Promise.all(paths.map(filesBelow))).flat())];
  const needles = tokens.flatMap((token) => formsOf(token).map((form) => ({ token, ...form })));
  const findings: Finding[] = [];
  for (const file of files) {
    const bytes = await readFile(file).catch(() => Buffer.alloc(0));
    for (const needle of needles)
      if (bytes.includes(needle.bytes)) findings.push({ token: needle.token, as: needle.as, file });
  }
  return { files: files.length, findings };
}
