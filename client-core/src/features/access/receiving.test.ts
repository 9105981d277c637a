import {
  KeyAnswer,
  KeyAsk,
  KeyGrant,
  RoomId,
  writePart,
  type GrantRefusal,
  type KeyReceiptContent,
} from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import { FakeMachine, FakeRecords, sharedKey } from "./fakeDevice.ts";
import { sealFile } from "./file.ts";
import type { Received } from "./post.ts";
import { Receiving } from "./receiving.ts";
import { SharedKeys } from "./sharedKeys.ts";
import { AccessStore } from "./store.ts";

const ROOM = RoomId.parse("!room");
const ask = KeyAsk.schema.parse(KeyAsk.example);
const KEYS = 120;
const info = {
  sender: "@admin:example.test",
  senderDevice: "DEVICE",
  senderCurve25519KeyBase64: "key",
  senderVerified: true,
};
const received = (type: string, content: unknown): Received => ({ type, content, info });

/**
 * A device whose person has asked, and a grant for it of more keys than are stored in one go.
 * @param has `nothing`: the giver's device had none of the keys; `other rooms`: they are of rooms this person is not in
 */
async function device(has: "keys" | "nothing" | "other rooms" = "keys") {
  const [records, machine] = [new FakeRecords(), new FakeMachine()];
  const told: KeyReceiptContent["state"][] = [];
  const over: RoomKeyRef[] = [];
  const refused: GrantRefusal[] = [];
  const store = new AccessStore(records, () => {});
  const shared = new SharedKeys(records, () => store.own.values());
  await store.putOwn({ v: 1, ask, state: "waiting", sent: true, done: 0, taken: 0, refused: 0 });
  const keys = Array.from({ length: KEYS }, (_, i) => sharedKey(ROOM, i, ask.from));
  const plain = new TextEncoder().encode(writePart(ask.request, 0, keys));
  const { ciphertext, ...sealed } = await sealFile(plain);
  const grant = KeyGrant.schema.parse({
    ...KeyGrant.example,
    until: ask.to + 86_400_000,
    parts: has === "nothing" ? [] : [{ ...sealed, url: "mxc://hearth.localhost/example", sessions: KEYS }],
  });
  const session = {
    client: machine.client,
    records,
    media: { download: () => Promise.resolve(ciphertext) },
    stopped: new AbortController().signal,
    log: () => {},
  } as unknown as SignedInSession;
  const receiving = new Receiving({
    session,
    store,
    shared,
    authority: { doubtSender: () => Promise.resolve(undefined) } as unknown as RosterAuthority,
    now: () => ask.to,
    isIn: () => has !== "other rooms",
    note: (_key, at) => at,
    pause: () => new Promise((resolve) => setTimeout(resolve, 0)),
    onKeys: (some, isOver) => void (isOver && over.push(...some)),
    tell: (_to, { state }) => Promise.resolve(void told.push(state)),
    onRefused: (_sender, why) => void refused.push(why),
  });
  return {
    store,
    shared,
    machine,
    records,
    told,
    over,
    refused,
    grant: (again = false) => receiving.grant(received(KeyGrant.type, grant), again),
    revoke: () =>
      receiving.answer(received(KeyAnswer.type, { v: 1, request: ask.request, answer: "revoked" })),
    own: () => store.own.get(ask.request),
  };
}

test("[P6] taken back while its keys come in, a grant leaves none that may be used", async () => {
  const { machine, grant, revoke, own, shared, over, told } = await device();
  let revoked: Promise<void> | undefined;
  machine.onImport = () => void (revoked ??= revoke());
  await grant();
  await expect.poll(() => revoked !== undefined).toBe(true);
  await revoked;
  await expect.poll(() => over.length).toBeGreaterThanOrEqual(machine.held.size);
  expect(machine.held.size).toBeGreaterThan(0);
  expect(machine.held.size).toBeLessThan(KEYS);
  expect(own()).toMatchObject({ state: "ended" });
  for (const [, { roomId, sessionId }] of machine.held) {
    const key = { roomId: RoomId.parse(roomId), sessionId };
    expect(shared.hasEnded(key)).toBe(true);
    expect(over).toContainEqual(key);
  }
  expect(told).toEqual(["ended"]);
});

test("[P6] where there is no room for the keys it says so, and they come once there is", async () => {
  const { machine, grant, own, told } = await device();
  const full = new Error("IndexedDB: QuotaExceededError: not enough room");
  machine.onImport = () => {
    throw full;
  };
  await grant();
  await expect.poll(() => own()?.problem).toContain("no room");
  expect(own()?.state).toBe("receiving");
  machine.onImport = () => {};
  await expect.poll(() => own()?.state).toBe("given");
  expect(own()?.problem).toBeUndefined();
  expect(own()?.taken).toBe(KEYS);
  expect(machine.held.size).toBe(KEYS);
  expect(told).toEqual(["imported"]);
});

test("[P6] the same where the device's own records have no room", async () => {
  const { records, grant, own } = await device();
  await grant();
  records.failure = new DOMException("no room left", "QuotaExceededError");
  await expect.poll(() => own()?.problem).toContain("no room");
  records.failure = undefined;
  await expect.poll(() => own()?.state).toBe("given");
  expect(own()?.taken).toBe(KEYS);
});

test("[P6] an import that was cut off after its keys came counts them all the same", async () => {
  const { records, grant, own, machine } = await device();
  machine.onImport = () => {
    // The last chunk is stored; that it is can't be written down any more.
    if (machine.held.size >= 100) records.failure = new Error("cut off");
  };
  await grant();
  await expect.poll(() => machine.held.size).toBe(KEYS);
  records.failure = undefined;
  await expect.poll(() => own()?.state).toBe("given");
  expect(own()?.taken).toBe(KEYS);
});

test("[P6] a message that was dealt with already, and that the device finds once more, changes nothing and is not refused", async () => {
  const { grant, own, told, refused, over, shared } = await device();
  await grant();
  await grant(true);
  await expect.poll(() => own()?.state).toBe("given");
  await grant(true);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(own()?.taken).toBe(KEYS);
  expect(over).toEqual([]);
  expect(shared.lasting(ask.to)).toHaveLength(KEYS);
  expect(refused).toEqual([]);
  expect(told).toEqual(["imported"]);
});

test("[Q3] a grant that comes a second time is refused; who gave it, and may not know that it came, is told so", async () => {
  const { grant, own, told, refused } = await device();
  await grant();
  await expect.poll(() => own()?.state).toBe("given");
  await grant();
  expect(refused).toEqual(["already_answered"]);
  expect(told).toEqual(["imported", "imported"]);
});

test("[P6] a yes that brought no key says so, and what to do", async () => {
  const none = await device("nothing");
  await none.grant();
  await expect.poll(() => none.own()?.state).toBe("given");
  expect(none.own()).toMatchObject({ taken: 0, problem: expect.stringContaining("had none of these keys") });
  expect(none.told).toEqual(["imported"]);

  const useless = await device("other rooms");
  await useless.grant();
  await expect.poll(() => useless.own()?.state).toBe("given");
  expect(useless.own()).toMatchObject({ taken: 0, problem: expect.stringContaining("could be used") });
});
