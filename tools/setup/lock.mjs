// One at a time: `npm start` and `npm test` may be started in the same clone at once, and must not both write
// node_modules or the virtual environment. A lock is a file with the holder's pid, touched while it is held, so that
// one left behind by a killed process is recognised whatever process has its pid by now.
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const touchEvery = 2_000;
const staleAfter = 15_000;

/** @param {string} path */
export function lockHolder(path) {
  try {
    const { pid, note } = JSON.parse(readFileSync(path, "utf8"));
    const age = Date.now() - statSync(path).mtimeMs;
    return { pid: Number(pid), note: String(note ?? ""), stale: !isAlive(Number(pid)) || age > staleAfter };
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return undefined;
    // Being written at this moment, or broken: only its age can tell.
    const age = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
    return age === undefined ? undefined : { pid: 0, note: "", stale: Date.now() - age > staleAfter };
  }
}

/** @param {number} pid */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

/**
 * @param {string} path
 * @param {string} [note] shown to whoever finds the lock taken
 * @returns {(() => void) | undefined} what gives the lock back, or undefined if another process holds it
 */
export function tryLock(path, note = "") {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, JSON.stringify({ pid: process.pid, note }));
      closeSync(file);
      return keepTouched(path);
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
    }
    const holder = lockHolder(path);
    if (holder && !holder.stale) return undefined;
    if (holder) removeStale(path);
  }
  return undefined;
}

/** @param {string} path */
function removeStale(path) {
  // Renamed first: of two that see the same stale lock only one gets to rename it. If what was renamed is a fresh one
  // after all (made between look and rename), it is put back.
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  if (lockHolder(aside)?.stale === false) renameSync(aside, path);
  else rmSync(aside, { force: true });
}

/** @param {string} path */
function keepTouched(path) {
  const timer = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // The folder was removed under us; then there is nothing left to guard.
    }
  }, touchEvery);
  timer.unref();
  const release = () => {
    clearInterval(timer);
    process.off("exit", release);
    if (lockHolder(path)?.pid === process.pid) rmSync(path, { force: true });
  };
  process.on("exit", release);
  return release;
}

/**
 * Runs `work` while holding the lock; waits for another holder first.
 * @template T
 * @param {string} path
 * @param {(holder: { pid: number, note: string } | undefined) => void} waiting told once, when there is somebody to wait for
 * @param {() => T | Promise<T>} work
 */
export async function withLock(path, waiting, work) {
  let told = false;
  for (;;) {
    const release = tryLock(path);
    if (release) {
      try {
        return await work();
      } finally {
        release();
      }
    }
    if (!told) waiting(lockHolder(path));
    told = true;
    await wait(500);
  }
}
