import { chmodSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { lockHolder } from "../../setup/lock.mjs";
import { Problem } from "../../setup/problem.mjs";

const DATABASE = "homeserver.db";
/** Beside the database: what can't be made anew. Configuration is written at each start, and logs say nothing of use. */
const KEPT = ["media", "secrets", "identity.json", "demo.json"];

/**
 * Copies an instance, which may go on running meanwhile.
 * @param to is made, readable by its owner alone
 * @throws Problem when there is no instance, or something is at `to` already
 */
export function backUp(dir: string, to: string): void {
  const database = join(dir, DATABASE);
  if (!existsSync(database))
    throw new Problem(`There is no Hearth in ${resolve(dir)}: say where with --dir.`);
  if (existsSync(to)) throw new Problem(`${resolve(to)} is there already: name a folder that is not.`);
  // Put into its place when it is whole: a copy that broke off must not look like one.
  const unfinished = `${resolve(to)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  // One consistent state, whatever is being written. Files come later: one too many does no harm, one too few would.
  inDatabase(database, (open) => open.prepare("VACUUM INTO ?").run(join(unfinished, DATABASE)));
  chmodSync(join(unfinished, DATABASE), 0o600);
  for (const name of KEPT)
    if (existsSync(join(dir, name))) cpSync(join(dir, name), join(unfinished, name), { recursive: true });
  renameSync(unfinished, resolve(to));
}

/**
 * Puts a copy in the place of an instance that is stopped.
 * @returns where what was there before is now, if anything was
 * @throws Problem when the copy is none, or the instance is running
 */
export function restore(from: string, dir: string): string | undefined {
  if (!existsSync(join(from, DATABASE)))
    throw new Problem(`There is no copy of a Hearth in ${resolve(from)}: say where with --from.`);
  const holder = lockHolder(join(dir, "instance.lock"));
  if (holder && !holder.stale)
    throw new Problem(
      `Hearth is running from ${resolve(dir)}: stop it first, with Ctrl-C where it was started.`,
    );
  const unfinished = `${resolve(dir)}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(from, unfinished, { recursive: true });
  chmodSync(unfinished, 0o700);
  inDatabase(join(unfinished, DATABASE), forgetOneTimeKeys);
  const aside = existsSync(dir)
    ? `${resolve(dir)}.before-${new Date().toISOString().replaceAll(":", "-")}`
    : undefined;
  if (aside !== undefined) renameSync(dir, aside);
  renameSync(unfinished, resolve(dir));
  return aside;
}

/**
 * A device throws away the private half of a one-time key when somebody used it. The copy would hand such keys out
 * again, and nobody could read what is encrypted for them. Without any, each device uploads new ones.
 */
function forgetOneTimeKeys(database: DatabaseSync): void {
  database.exec("DELETE FROM e2e_one_time_keys_json; DELETE FROM e2e_fallback_keys_json;");
}

function inDatabase(path: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path, { timeout: 20_000 });
  try {
    work(database);
  } finally {
    database.close();
  }
}
