import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";

const patience = 60_000;

/**
 * Waits until Synapse has brought a new or upgraded database up to date: before that, sliding sync runs by older code
 * that fails when a room is deleted that somebody has just left.
 * @returns whether it has, within a minute; it works on in any case
 */
export async function backgroundUpdatesDone(databasePath: string): Promise<boolean> {
  const database = new DatabaseSync(databasePath, { readOnly: true, timeout: 20_000 });
  try {
    const count = database.prepare("SELECT count(*) AS waiting FROM background_updates");
    const until = Date.now() + patience;
    while (Number(count.get()?.["waiting"]) > 0) {
      if (Date.now() > until) return false;
      await wait(50);
    }
    return true;
  } finally {
    database.close();
  }
}
