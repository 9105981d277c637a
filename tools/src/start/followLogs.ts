// Follows growing files from where they end now, and passes each new line on. Looks twice a second: file notifications
// differ between systems, and nobody reads faster.
import { closeSync, openSync, readSync, statSync } from "node:fs";

const lookEvery = 500;

/** @returns what stops following */
export function follow(path: string, onLine: (line: string) => void): () => void {
  let position = sizeOf(path);
  let rest = "";
  const look = () => {
    const size = sizeOf(path);
    // The file was rotated: go on with the new one.
    if (size < position) position = 0;
    if (size === position) return;
    const chunk = Buffer.alloc(size - position);
    const file = openSync(path, "r");
    try {
      readSync(file, chunk, 0, chunk.length, position);
    } finally {
      closeSync(file);
    }
    position = size;
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
  const timer = setInterval(look, lookEvery);
  return () => clearInterval(timer);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
