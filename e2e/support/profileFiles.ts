import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";

/** How much of a row must stand together. Of random bytes so many never do by chance. */
const PIECE = 24;
/** Where a file splits or compresses a long row, a part of it stays in one piece. */
const STEP = 40;

/**
 * Looks at a browser's profile from outside, while no browser runs on it.
 * @param needles what to look for, by name: random bytes, 24 at least
 * @returns for each needle the files that hold a piece of it, by their paths in the profile
 */
export async function filesWith(
  dir: string,
  needles: Readonly<Record<string, Uint8Array>>,
): Promise<Record<string, string[]>> {
  const pieces = Object.entries(needles).map(([name, bytes]) => ({ name, pieces: piecesOf(name, bytes) }));
  const found: Record<string, string[]> = Object.fromEntries(pieces.map(({ name }) => [name, []]));
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    // A file that the browser's last process takes away between the two looks is not there any more.
    const content = await readFile(path).catch(unlessGone);
    if (!content) continue;
    for (const { name, pieces: each } of pieces)
      if (each.some((piece) => content.includes(piece))) found[name]?.push(relative(dir, path));
  }
  return found;
}

function unlessGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** Text is stored with one or with two bytes a character. */
function piecesOf(name: string, bytes: Uint8Array): Buffer[] {
  if (bytes.length < PIECE) throw new RangeError(`${name} is too short to be looked for`);
  const pieces: Buffer[] = [];
  for (let at = 0; at + PIECE <= bytes.length; at += STEP) {
    const piece = Buffer.from(bytes.subarray(at, at + PIECE));
    pieces.push(piece, Buffer.from(piece.toString("latin1"), "utf16le"));
  }
  return pieces;
}
