import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../../tools/setup/lock.mjs";

/** Where Linux keeps files in memory. */
const MEMORY = "/dev/shm";
const NAME = "hearth-run-";
/** What three servers and their browsers have needed is far below this. */
const NEEDED_BYTES = 4e9;

/**
 * Makes the folder of one run of tests, in memory where the machine has enough: each of a homeserver's writes waits for
 * the disk, and so does a browser's storage, while what is tested is what lies in the files. Whoever calls `tmpdir()` in
 * this process, and in those that it starts, is given it. A TMPDIR that somebody has set stays.
 * @returns removes it with all that is in it
 */
export function useRunFolder(): () => void {
  if (process.env["TMPDIR"] || !hasRoom()) return () => {};
  for (const name of readdirSync(MEMORY)) removeIfLeft(name);
  const folder = mkdtempSync(join(MEMORY, `${NAME}${process.pid}-`));
  process.env["TMPDIR"] = folder;
  return () => {
    delete process.env["TMPDIR"];
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
}

function hasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= NEEDED_BYTES;
  } catch {
    return false;
  }
}

/** Of a run that was killed: nobody else gives that memory back. */
function removeIfLeft(name: string): void {
  const pid = new RegExp(`^${NAME}(\\d+)-`).exec(name)?.[1];
  if (pid !== undefined && !isAlive(Number(pid)))
    rmSync(join(MEMORY, name), { recursive: true, force: true, maxRetries: 5 });
}
