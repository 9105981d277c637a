import { expect, test } from "vitest";
import { FakeRecords } from "./fakeDevice.ts";
import { Inbox } from "./inbox.ts";
import type { Received } from "./post.ts";

const message = (content: string, info: Received["info"] = from): Received => ({
  type: "org.hearth.key_grant",
  content,
  info,
});
const from = {
  sender: "@admin:example.test",
  senderDevice: "DEVICE",
  senderCurve25519KeyBase64: "key",
  senderVerified: false,
};

/** An inbox of a session that runs, and what it hands on. */
async function opened(records: FakeRecords, deal = (_content: unknown) => Promise.resolve()) {
  const stop = new AbortController();
  const taken: { content: unknown; again: boolean }[] = [];
  const inbox = new Inbox({
    session: { records, stopped: stop.signal, log: () => {}, now: () => 1_768_435_200_000 },
    ready: Promise.resolve(),
    pause: () => Promise.resolve(),
    take: async ({ content }, again) => {
      await deal(content);
      taken.push({ content, again });
    },
  });
  await inbox.load();
  const until = (count: number) => expect.poll(() => taken.length).toBe(count);
  return { inbox, taken, stop, until };
}

test("[P6] a message that comes in the moment in which the session closes is dealt with at the next start", async () => {
  const records = new FakeRecords();
  const before = await opened(records, () => new Promise(() => {}));
  before.inbox.add(message("first"));
  before.inbox.add(message("second"));
  await before.inbox.close();
  expect(before.taken).toEqual([]);
  const after = await opened(records);
  after.inbox.add(message("third"));
  await after.until(3);
  expect(after.taken).toEqual([
    { content: "first", again: true },
    { content: "second", again: true },
    { content: "third", again: false },
  ]);
  await expect.poll(() => records.kept.size).toBe(0);
});

test("what passes is waited out, and the message is then one that may have been dealt with", async () => {
  let failures = 2;
  const { inbox, taken, until } = await opened(new FakeRecords(), () =>
    failures-- > 0 ? Promise.reject(new Error("no answer")) : Promise.resolve(),
  );
  inbox.add(message("one"));
  await until(1);
  expect(taken).toEqual([{ content: "one", again: true }]);
});

test("a message that can't be dealt with is let go of, and holds up no other", async () => {
  const records = new FakeRecords();
  const { inbox, taken, until } = await opened(records, (content) =>
    content === "bad" ? Promise.reject(new Error("bad")) : Promise.resolve(),
  );
  inbox.add(message("bad"));
  inbox.add(message("good"));
  await until(1);
  expect(taken.map(({ content }) => content)).toEqual(["good"]);
  await expect.poll(() => records.kept.size).toBe(0);
});

test("what came in the clear is handed on, and never written down", async () => {
  const records = new FakeRecords();
  const { inbox, until } = await opened(records);
  inbox.add(message("open", null));
  await inbox.close();
  expect(records.kept.size).toBe(0);
  const another = await opened(records);
  another.inbox.add(message("open", null));
  await another.until(1);
  await until(0);
});
