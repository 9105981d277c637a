import { LogEntryId, UserId } from "@hearth/protocol";
import { describe, expect, test } from "vitest";
import {
  afterAttempt,
  afterRestart,
  bound,
  discarded,
  nextOf,
  retried,
  type OutboxItem,
  type Work,
} from "./items.ts";
import { toWire, willBeTooLarge } from "./wire.ts";

const message: Work = { kind: "message", content: { msgtype: "m.text", body: "Example" } };
const create: Work = { kind: "create", invite: [UserId.parse("@example:hearth.localhost")] };

const item = (n: number, work: Work = message, extra: Partial<OutboxItem> = {}): OutboxItem => ({
  localId: `out-${n}`,
  order: n,
  roomId: "!room",
  txnId: `t${n}`,
  createdAt: 1000 + n,
  work,
  state: { kind: "queued" },
  ...extra,
});
const failed = { kind: "failed", message: "No.", canRetry: true } as const;

describe("the outbox's items", () => {
  test("go one at a time within a room, in their order", () => {
    expect(nextOf([item(1), item(2)], "!room")?.localId).toBe("out-1");
    expect(nextOf([item(1, message, { state: { kind: "sending" } }), item(2)], "!room")).toBeUndefined();
    expect(
      nextOf([item(1, message, { state: { kind: "sent", eventId: "$1" } }), item(2)], "!room")?.localId,
    ).toBe("out-2");
    expect(nextOf([item(1)], "!other")).toBeUndefined();
  });

  test("a refused message does not hold up the next; a room that could not be made holds up all", () => {
    expect(nextOf([item(1, message, { state: failed }), item(2)], "!room")?.localId).toBe("out-2");
    expect(nextOf([item(1, create, { state: failed }), item(2)], "!room")).toBeUndefined();
  });

  test("an entry whose answer was lost is sent again as it was; a refused one gives its number back", () => {
    const entry = item(
      1,
      { kind: "snapshot", entryId: LogEntryId.parse("A".repeat(22)) },
      { sealed: { seq: 4 } },
    );
    expect(afterAttempt(entry, { kind: "unanswered" })).toMatchObject({
      state: { kind: "queued" },
      sealed: { seq: 4 },
      uncertain: true,
      txnId: "t1",
    });
    const refused = afterAttempt(entry, { kind: "refused", message: "No.", canRetry: true });
    expect(refused).toMatchObject({ state: failed });
    expect(refused.sealed).toBeUndefined();
  });

  test("what the homeserver wants later was not carried out: its room may simply be made again", () => {
    const later = afterAttempt(item(1, create), { kind: "later", afterMs: 1_000 });
    expect(later).toMatchObject({ state: { kind: "queued" } });
    expect(later.uncertain).toBeUndefined();
  });

  test("what was being sent when the page was closed is sent again under the same id", () => {
    const before = item(1, message, { state: { kind: "sending" } });
    expect(afterRestart(before)).toEqual({ ...before, state: { kind: "queued" }, uncertain: true });
    expect(afterRestart(item(2, message, { state: failed }))).toEqual(item(2, message, { state: failed }));
  });

  test("trying again after a refusal is a new request", () => {
    expect(retried(item(1, message, { state: failed }), "t9")).toMatchObject({
      txnId: "t9",
      state: { kind: "queued" },
    });
    expect(retried(item(1), "t9").txnId).toBe("t1");
  });

  test("what waited for a room goes into it once it is made; giving up its making gives up all of it", () => {
    const items = [item(1, create, { roomId: "local-1" }), item(2, message, { roomId: "local-1" }), item(3)];
    expect(bound(items, "local-1", "!made").map((one) => one.roomId)).toEqual(["!made", "!made", "!room"]);
    expect(discarded(items, "out-1").map((one) => one.localId)).toEqual(["out-1", "out-2"]);
    expect(discarded(items, "out-2").map((one) => one.localId)).toEqual(["out-2"]);
    expect(discarded([item(1, message, { state: { kind: "sending" } })], "out-1")).toEqual([]);
  });
});

describe("[P1] what goes over the wire", () => {
  const wire = {
    algorithm: "m.megolm.v1.aes-sha2",
    ciphertext: "AwgAEnAkU3RyaW5n",
    session_id: "aESrYaUgWR2Z+gwnC6ad1A",
    sender_key: "ObjdZ004pT4ynCcgnZokOsYCGIUtZ7MLpjBUyR68tTs",
    device_id: "DEVICE",
  };

  test("is ciphertext and ids", () => {
    expect(toWire(wire)).toEqual(wire);
    const answer = { ...wire, "m.relates_to": { "m.in_reply_to": { event_id: "$id" } } };
    expect(toWire(answer)).toEqual(answer);
  });

  test.each([
    ["a field beside it", { ...wire, body: "plain" }],
    ["plaintext in its place", { msgtype: "m.text", body: "plain" }],
    [
      "a relation with words in it",
      { ...wire, "m.relates_to": { rel_type: "m.annotation", event_id: "$id", key: "plain" } },
    ],
    ["no ciphertext", { ...wire, ciphertext: "plain words" }],
  ])("and nothing is sent with %s", (_, content) => {
    expect(() => toWire(content)).toThrow();
  });

  test("what would not fit is known before it is encrypted", () => {
    expect(willBeTooLarge({ body: "x".repeat(20_000) })).toBe(false);
    expect(willBeTooLarge({ body: "€".repeat(20_000) })).toBe(true);
  });
});
