import { CATALOGUE, type AnyRecord } from "@hearth/protocol";
import { expect, test } from "vitest";
import { MemoryStorage } from "../session/storage/memory.ts";
import { deriveKeys, newRootKey } from "../session/storage/rootKey.ts";
import { EncryptedRecords } from "../store/records.ts";
import { pause } from "../work/clock.ts";
import { MovedClock } from "../work/movedClock.ts";
import type { OutboxItem, Work } from "./items.ts";
import { Outbox } from "./outbox.ts";

const OutboxRecord = definedAs("records.outbox");
const others = [...CATALOGUE.records.values()].filter(({ name }) => name !== OutboxRecord.name);

/** The outbox as a later version may define it: what was `text` once is the message's content. */
const later: AnyRecord = {
  ...OutboxRecord,
  upcasts: [
    {
      from: 1,
      example: { ...(OutboxRecord.example as object), work: { kind: "message", text: "Example" } },
      up: ({ work, ...job }) => {
        const { text, ...rest } = work as { text?: string };
        return { ...job, v: 2, work: { ...rest, content: { msgtype: "m.text", body: text } } };
      },
    },
  ],
};
const VERSIONS = { today: [...others, OutboxRecord], later: [...others, later] };

const job = (localId: string, order: number, more: object): object => ({
  ...(OutboxRecord.example as object),
  localId,
  order,
  roomId: "!room",
  txnId: `h${localId}`,
  ...more,
});
const said = (body: string): { work: Work } => ({
  work: { kind: "message", content: { msgtype: "m.text", body } },
});

function definedAs(name: string): AnyRecord {
  const found = CATALOGUE.records.get(name);
  if (!found) throw new Error(`nothing is defined as ${name}`);
  return found;
}

/** A device that programs of two versions open one after the other. */
async function device() {
  const storage = await new MemoryStorage().create();
  const rootKey = newRootKey();
  const open = async (version: keyof typeof VERSIONS) =>
    EncryptedRecords.open(
      storage.indexedDB,
      storage.databasePrefix,
      await deriveKeys(rootKey.slice()),
      VERSIONS[version],
    );
  return { open };
}

/** Runs an outbox over the records until it has nothing to do: what was sent, and what it says can't be read. */
async function run(records: EncryptedRecords) {
  const clock = new MovedClock();
  const stop = new AbortController();
  const sent: string[] = [];
  const told: unknown[] = [];
  const failed: unknown[] = [];
  records.onUnreadable((record) => told.push(record));
  const outbox = new Outbox({
    records,
    send: (item: OutboxItem) => {
      sent.push(item.work.kind === "message" ? item.work.content.body : item.work.kind);
      return Promise.resolve({ kind: "sent", eventId: `$${item.localId}` });
    },
    onBound: () => () => Promise.resolve(),
    onChange: () => {},
    pause: (ms = 0) => pause(clock, Math.max(100, ms), stop.signal),
    background: (work) => void work.catch((error: unknown) => failed.push(error)),
    stopped: stop.signal,
    now: () => Date.UTC(2027, 0, 1),
    randomId: () => "new",
  });
  await outbox.load();
  outbox.start();
  await outbox.add("!room", [{ kind: "snapshot", entryId: "AAAAAAAAAAAAAAAAAAAAAA" as never }]);
  await expect.poll(() => sent.includes("snapshot")).toBe(true);
  stop.abort();
  expect(failed).toEqual([]);
  return { sent, told };
}

const unreadable = (reason: string) => [{ collection: "outbox", label: OutboxRecord.words.label, reason }];

test("[T5] a job that an earlier version began goes on in a later one", async () => {
  const { open } = await device();
  const before = await open("today");
  const old = job("a", 1, { work: { kind: "message", text: "Example: on my way" } });
  await before.write([{ collection: "outbox", key: "a", value: old }]);
  before.close();
  const after = await open("later");
  expect(await run(after)).toEqual({ sent: ["Example: on my way", "snapshot"], told: [] });
  expect(await after.get("outbox", "a")).toMatchObject({ v: 2, state: { kind: "sent" } });
  after.close();
});

test("[T5] a job of a later version is kept and told of, is not run, and goes on when that version is back", async () => {
  const { open } = await device();
  const newer = await open("later");
  const value = job("b", 1, { v: 2, ...said("Example: from later on") });
  await newer.write([{ collection: "outbox", key: "b", value }]);
  newer.close();
  const today = await open("today");
  expect(await run(today)).toEqual({ sent: ["snapshot"], told: unreadable("newer_version") });
  today.close();
  const again = await open("later");
  expect(await again.get("outbox", "b")).toEqual(value);
  expect((await run(again)).sent).toContain("Example: from later on");
  again.close();
});

test("[T5] a job that fits no version, or that asks for something unheard of, keeps no other waiting and is put aside", async () => {
  const { open } = await device();
  for (const wrong of [job("c", 1, { order: "first" }), job("c", 1, { work: { kind: "vote", for: "x" } })]) {
    const records = await open("today");
    await records.write([
      { collection: "outbox", key: "c", value: wrong },
      { collection: "outbox", key: "d", value: job("d", 2, said("Example: after it")) },
    ]);
    const { sent, told } = await run(records);
    expect({ sent, told }).toEqual({
      sent: ["Example: after it", "snapshot"],
      told: unreadable("malformed"),
    });
    // What takes its place does not take it away.
    await records.write([{ collection: "outbox", key: "c", remove: true }]);
    expect(await records.get("unreadable", "outbox c")).toMatchObject({ value: wrong });
    records.close();
  }
});
