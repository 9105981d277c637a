import { describe, expect, test } from "vitest";
import type { RecordChange, Records } from "../session/api.ts";
import type { Attempt, OutboxItem, Work } from "./items.ts";
import { Outbox } from "./outbox.ts";

/** Stands in for store/records.ts: what a reload would find. */
class FakeRecords implements Records {
  readonly stored = new Map<string, string>();
  full = false;
  /** For the next write only. */
  fullOnce = false;

  get<T>(_collection: string, key: string): Promise<T | undefined> {
    const text = this.stored.get(key);
    return Promise.resolve(text === undefined ? undefined : (JSON.parse(text) as T));
  }

  all<T>(): Promise<{ key: string; value: T }[]> {
    return Promise.resolve([...this.stored].map(([key, text]) => ({ key, value: JSON.parse(text) as T })));
  }

  write(changes: readonly RecordChange[]): Promise<void> {
    const full = this.full || this.fullOnce;
    this.fullOnce = false;
    if (full) return Promise.reject(new DOMException("full", "QuotaExceededError"));
    for (const change of changes)
      if ("remove" in change) this.stored.delete(change.key);
      else this.stored.set(change.key, JSON.stringify(change.value));
    return Promise.resolve();
  }
}

const say = (body: string): Work => ({ kind: "message", content: { msgtype: "m.text", body } });
const bodyOf = (item: OutboxItem) => (item.work.kind === "message" ? item.work.content.body : item.work.kind);

/** An outbox whose sending is scripted; it tells what was tried, and what was stored when it was. */
async function outbox(records: FakeRecords, answer: (item: OutboxItem) => Attempt | Promise<Attempt>) {
  const tried: string[] = [];
  const bindings: string[] = [];
  const stop = new AbortController();
  let n = 0;
  const made: Outbox = new Outbox({
    records,
    send: async (item, keep) => {
      await keep({ ...item, state: { kind: "sending" } });
      tried.push(bodyOf(item));
      return answer(item);
    },
    onBound: (from, to) => {
      bindings.push(`${from} → ${to}, with ${made.inRoom(to).length} items there yet`);
      return () => Promise.resolve(void bindings.push(`kept, with ${records.stored.size} stored`));
    },
    onChange: () => undefined,
    pause: () => new Promise((resolve) => setTimeout(resolve, 1)),
    background: (work) => void work.catch(() => undefined),
    stopped: stop.signal,
    now: () => 1000,
    randomId: () => `id${records.stored.size}-${n++}`,
  });
  await made.load();
  return { made, tried, bindings, stop };
}

let events = 0;
const sent = (): Attempt => ({ kind: "sent", eventId: `$e${events++}` });
const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("the outbox", () => {
  test("stores first, and sends nothing before it is started", async () => {
    const records = new FakeRecords();
    const { made, tried } = await outbox(records, sent);
    await made.add("!room", [say("a")]);
    await settled();
    expect(records.stored.size).toBe(1);
    expect(tried).toEqual([]);
    made.start();
    await settled();
    expect(tried).toEqual(["a"]);
  });

  test("keeps the order within a room over failures and a reload", async () => {
    const records = new FakeRecords();
    let down = true;
    const first = await outbox(records, () => (down ? { kind: "unanswered" } : sent()));
    first.made.start();
    await first.made.add("!room", [say("a"), say("b")]);
    await first.made.add("!room", [say("c")]);
    await settled();
    expect(new Set(first.tried)).toEqual(new Set(["a"]));
    first.stop.abort();

    down = false;
    const again = await outbox(records, sent);
    expect(again.made.items.map(bodyOf)).toEqual(["a", "b", "c"]);
    again.made.start();
    await settled();
    expect(again.tried).toEqual(["a", "b", "c"]);
  });

  test("lets an item go when it comes back, be it before or after its answer", async () => {
    const records = new FakeRecords();
    const { promise, resolve } = Promise.withResolvers<Attempt>();
    const { made } = await outbox(records, () => promise);
    made.start();
    const [item] = await made.add("!room", [say("a")]);
    await settled();
    const { write, keys } = made.arrived("!room", new Set([item?.txnId ?? ""]));
    expect(keys).toEqual(["outbox/!room"]);
    expect(made.items).toEqual([]);
    // Not before the event itself: a device that dies in between finds both again, and lets go of it then.
    expect(records.stored.size).toBe(1);
    resolve(sent());
    await made.inTurn(() => records.write(write));
    await settled();
    expect(made.items).toEqual([]);
    expect(records.stored.size).toBe(0);
  });

  test("moves what waits for a new room into it", async () => {
    const records = new FakeRecords();
    const { made, tried, bindings } = await outbox(records, (item) =>
      item.work.kind === "create" ? { kind: "sent", eventId: "!made" } : sent(),
    );
    made.start();
    await made.add("local-1", [{ kind: "create", invite: [] }, say("a")]);
    await settled();
    expect(bindings).toEqual(["local-1 → !made, with 0 items there yet", "kept, with 1 stored"]);
    expect(tried).toEqual(["create", "a"]);
    expect(made.inRoom("!made").map(bodyOf)).toEqual(["a"]);
  });

  test("shows a refusal, goes on with the next, and tries again when asked", async () => {
    let refuse = true;
    const { made, tried } = await outbox(new FakeRecords(), (item) =>
      refuse && bodyOf(item) === "a" ? { kind: "refused", message: "Not allowed.", canRetry: true } : sent(),
    );
    made.start();
    const [item] = await made.add("!room", [say("a"), say("b")]);
    await settled();
    expect(tried).toEqual(["a", "b"]);
    expect(made.items[0]?.state).toEqual({ kind: "failed", message: "Not allowed.", canRetry: true });
    refuse = false;
    expect(await made.retry(item?.localId ?? "")).toBe(true);
    await settled();
    expect(tried).toEqual(["a", "b", "a"]);
  });

  test("says when it can't be stored, and then does not send it", async () => {
    const records = new FakeRecords();
    const { made, tried } = await outbox(records, sent);
    made.start();
    records.full = true;
    await expect(made.add("!room", [say("a")])).rejects.toThrow("full");
    records.full = false;
    made.poke();
    await settled();
    expect(made.items).toEqual([]);
    expect(tried).toEqual([]);
  });

  test("what could not be stored does not fail what is stored right after it", async () => {
    const records = new FakeRecords();
    const { made } = await outbox(records, sent);
    records.fullOnce = true;
    const [first, second] = await Promise.allSettled([
      made.add("!room", [say("a")]),
      made.add("!room", [say("b")]),
    ]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
    expect(made.items.map(bodyOf)).toEqual(["b"]);
    expect(records.stored.size).toBe(1);
  });
});
