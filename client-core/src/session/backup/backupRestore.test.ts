import type { Backend } from "../../sdk/patches.ts";
import { describe, expect, test } from "vitest";
import { HttpFailure } from "../api.ts";
import { restoreBackup } from "./backupRestore.ts";
import type { Restore, RestoreRecord } from "./backupRestore.ts";

const rooms = Array.from({ length: 25 }, (_, i) => `!room${i}:x`);

/** A server with the same keys in each room, and a crypto store that only notes what it was given. */
class FakeBackup {
  readonly stored: string[] = [];
  asked: string[] = [];
  record: RestoreRecord | undefined;
  progress: [number, number][] = [];
  failAt = Infinity;
  readonly stop = new AbortController();

  run(more: Partial<Restore> = {}): Promise<number> {
    this.asked = [];
    const crypto = {
      getBackupDecryptor: () =>
        Promise.resolve({
          decryptSessions: (sessions: object) =>
            Promise.resolve(Object.keys(sessions).map((session_id) => ({ session_id, room_id: "" }))),
          free: () => {},
        }),
      importBackedUpRoomKeys: (keys: { room_id: string; session_id: string }[]) => {
        this.stored.push(...keys.map((key) => `${key.room_id} ${key.session_id}`));
        return Promise.resolve();
      },
    } as unknown as Backend;
    return restoreBackup({
      crypto,
      request: <T>(_method: string, path: string) => this.#answer(path) as Promise<T>,
      info: { version: "7", count: 60 * rooms.length } as Restore["info"],
      key: new Uint8Array(32),
      rooms: () => rooms,
      before: this.record,
      keep: (record) => {
        this.record = record;
        return Promise.resolve();
      },
      onProgress: (...step) => this.progress.push(step),
      signal: this.stop.signal,
      ...more,
    });
  }

  #answer(path: string): Promise<unknown> {
    const room = decodeURIComponent(path.split("/").at(-1)?.split("?")[0] ?? "");
    this.asked.push(room);
    if (this.asked.length > this.failAt) return Promise.reject(new HttpFailure(0, "", "no answer"));
    if (room === rooms[3]) return Promise.reject(new HttpFailure(404, "M_NOT_FOUND", "no keys"));
    return Promise.resolve({
      sessions: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`s${i}`, {}])),
    });
  }
}

describe("bringing a backup back", () => {
  test("takes every room's keys, and tells how far it is up to the end", async () => {
    const backup = new FakeBackup();
    expect(await backup.run()).toBe(24 * 60);
    expect(new Set(backup.stored).size).toBe(24 * 60);
    expect(backup.progress[0]).toEqual([0, 25 * 60]);
    expect(backup.progress.at(-1)).toEqual([24 * 60, 25 * 60]);
    expect(backup.record).toEqual({ version: "7", rooms: [], restored: 24 * 60, done: true });
  });

  test("goes on where it was cut off, and not with another backup's progress", async () => {
    const backup = new FakeBackup();
    backup.failAt = 17;
    await expect(backup.run()).rejects.toThrow("no answer");
    expect(backup.record?.rooms).toHaveLength(10);
    backup.failAt = Infinity;
    expect(await backup.run()).toBe(24 * 60);
    expect(backup.asked).toEqual(rooms.slice(10));
    backup.record = { version: "6", rooms, restored: 5, done: false };
    await backup.run();
    expect(backup.asked).toEqual(rooms);
  });

  test("takes in rooms that came meanwhile, and stops at once when it is told to", async () => {
    const backup = new FakeBackup();
    let known = rooms.slice(0, 2);
    const growing = () => (backup.asked.length === 2 ? (known = rooms.slice(0, 5)) : known);
    await backup.run({ rooms: growing });
    expect(backup.asked).toEqual(rooms.slice(0, 5));

    const cut = new FakeBackup();
    const onProgress = (restored: number) => {
      if (restored > 200) cut.stop.abort(new Error("the role is gone"));
    };
    await expect(cut.run({ onProgress })).rejects.toThrow("the role is gone");
    expect(cut.stored.length).toBeLessThan(300);
    expect(cut.record?.done).not.toBe(true);
  });
});
