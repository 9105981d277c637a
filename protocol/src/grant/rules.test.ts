import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyTimes, windowStart, type KeyTimes } from "../keys/block.ts";
import { Instant, RoomId, UserId } from "../ids.ts";
import { defaultPolicy } from "../org/policy.ts";
import { AccessRequestId, KeyAsk, type KeyAskContent } from "./ask.ts";
import { KeyGrant, MOST_GRANT_BYTES, MOST_PARTS, type KeyGrantContent } from "./grant.ts";
import { readPart, writePart, type SharedKey } from "./part.ts";
import {
  isCovered,
  LONGEST_GRANT_MS,
  mayAnswerAlone,
  MOST_AUTOMATIC_A_DAY,
  refuseAnswer,
  refuseAsk,
  refuseGrant,
  spanToGive,
  takenKeys,
  windowGrantEnd,
  windowToAsk,
  type SenderFacts,
} from "./rules.ts";

const NOW = 1_800_000_000_000;
const DAY = 86_400_000;
const admin: SenderFacts = { encrypted: true, signed: true, admin: true };
const at = (ms: number) => Instant.parse(ms);
const ask: KeyAskContent = KeyAsk.schema.parse({ ...KeyAsk.example, from: NOW - 10 * DAY, to: NOW, at: NOW });
const grant: KeyGrantContent = KeyGrant.schema.parse({
  ...KeyGrant.example,
  from: NOW - 10 * DAY,
  to: NOW,
  until: NOW + DAY,
});
const waiting = { ask, state: "waiting" } as const;
const times: fc.Arbitrary<KeyTimes> = fc
  .tuple(fc.integer({ min: 1, max: 40 * 86_400 }), fc.integer({ min: 0, max: 400 * 86_400 }))
  .map(([block, more]) => ({ block: block * 1000, window: (block + more) * 1000 }));
const instant = fc.integer({ min: 1_600_000_000_000, max: 4_102_444_800_000 });
const span = fc.tuple(instant, instant).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

describe("what a receiver takes", () => {
  test("the one that is asked for, from who may give it, is taken", () => {
    expect(refuseGrant(admin, grant, 500, waiting, NOW)).toBeUndefined();
  });

  test.each<[string, Parameters<typeof refuseGrant>]>([
    ["not_encrypted", [{ ...admin, encrypted: false }, grant, 500, waiting, NOW]],
    ["unsigned_device", [{ ...admin, signed: false }, grant, 500, waiting, NOW]],
    ["not_an_admin", [{ ...admin, admin: false }, grant, 500, waiting, NOW]],
    ["too_large", [admin, grant, MOST_GRANT_BYTES + 1, waiting, NOW]],
    ["malformed", [admin, undefined, 500, undefined, NOW]],
    ["not_asked", [admin, grant, 500, undefined, NOW]],
    ["already_answered", [admin, grant, 500, { ask, state: "given" }, NOW]],
    ["already_answered", [admin, grant, 500, { ask, state: "receiving" }, NOW]],
    ["already_answered", [admin, grant, 500, { ask, state: "ended" }, NOW]],
    ["expired", [admin, grant, 500, waiting, grant.until]],
    ["wider_than_asked", [admin, { ...grant, from: at(ask.from - 1) }, 500, waiting, NOW]],
    ["wider_than_asked", [admin, { ...grant, to: at(ask.to + 1) }, 500, waiting, NOW]],
    ["too_long", [admin, { ...grant, until: at(NOW + LONGEST_GRANT_MS + 1) }, 500, waiting, NOW]],
  ])("[Q1] [Q2] [Q3] [Q4] %s", (refusal, args) => {
    expect(refuseGrant(...args)).toBe(refusal);
  });

  test("[Q1] [Q2] whoever it comes from, only an admin's signed device is heard", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), fc.boolean(), (encrypted, signed, isAdmin) => {
        const sender = { encrypted, signed, admin: isAdmin };
        const all = encrypted && signed && isAdmin;
        expect(refuseAnswer(sender) === undefined).toBe(all);
        expect(refuseGrant(sender, grant, 500, waiting, NOW) === undefined).toBe(all);
      }),
    );
  });

  test("[Q4] whatever span is given, it is taken only within the one that was asked for", () => {
    fc.assert(
      fc.property(span, span, (asked, given) => {
        const mine = { ask: { ...ask, from: at(asked.from), to: at(asked.to) }, state: "waiting" } as const;
        const until = at(Math.max(NOW, given.to) + DAY);
        const offered = { ...grant, from: at(given.from), to: at(given.to), until };
        const taken = refuseGrant(admin, offered, 500, mine, until - DAY) === undefined;
        expect(taken).toBe(asked.from <= given.from && given.to <= asked.to);
      }),
    );
  });

  test("a grant of the most parts fits into one message", () => {
    const [part] = grant.parts;
    const parts = Array.from({ length: MOST_PARTS }, () => ({ ...part, bytes: 700_000, sessions: 1500 }));
    const full = KeyGrant.schema.parse({ ...grant, parts });
    expect(JSON.stringify(full).length).toBeLessThan(MOST_GRANT_BYTES);
  });
});

describe("the keys in a file", () => {
  const request = AccessRequestId.parse("AAAAAAAAAAAAAAAAAAAAAA");
  const [here, there] = [RoomId.parse("!here"), RoomId.parse("!there")];
  const key = (roomId: RoomId, time: number): SharedKey => ({
    roomId,
    sessionId: "s".repeat(43),
    sessionKey: "k".repeat(220),
    senderKey: "c".repeat(43),
    claimedEd25519: "e".repeat(43),
    at: time,
  });

  test("[Q5] only those of rooms one is in and asked for, and of the span, are taken", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), span, instant, (isIn, isAsked, given, time) => {
        const asked = { rooms: [isAsked ? here : there] };
        const taken = takenKeys([key(here, time)], given, asked, () => isIn);
        expect(taken.length === 1).toBe(isIn && isAsked && given.from <= time && time <= given.to);
      }),
    );
  });

  test("[Q5] what was written is read, and one bad entry does not spoil the others", () => {
    const text = writePart(request, 3, [key(here, NOW), key(there, NOW)]);
    const expected = { request, part: 3, sessions: 2 };
    expect(readPart(text, expected)).toEqual({ keys: [key(here, NOW), key(there, NOW)], malformed: 0 });
    const fat = writePart(request, 3, [{ ...key(here, NOW), sessionKey: "k".repeat(1000) }, key(there, NOW)]);
    expect(readPart(fat, expected)).toEqual({ keys: [key(there, NOW)], malformed: 1 });
    expect(readPart(text, { ...expected, sessions: 1 })).toMatchObject({ malformed: 1 });
  });

  test("[Q5] another part, another request, and anything else is none", () => {
    const text = writePart(request, 0, [key(here, NOW)]);
    expect(readPart(text, { request, part: 1, sessions: 1 })).toBeUndefined();
    const other = AccessRequestId.parse("B".repeat(22));
    expect(readPart(text, { request: other, part: 0, sessions: 1 })).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (junk) => {
        expect(readPart(junk, { request, part: 0, sessions: 1 })).toBeUndefined();
      }),
    );
    fc.assert(
      fc.property(fc.json(), (junk) => {
        expect(readPart(junk, { request, part: 0, sessions: 1 })?.keys ?? []).toEqual([]);
      }),
    );
  });
});

describe("what is asked and given", () => {
  test("[Q4] a window is never given further back than the window reaches now", () => {
    fc.assert(
      fc.property(times, span, instant, (t, asked, now) => {
        const wanted = { ...ask, kind: "window", from: at(asked.from), to: at(asked.to) } as const;
        const given = spanToGive(wanted, t, now);
        if (!given) return;
        expect(given.from).toBeGreaterThanOrEqual(Math.max(asked.from, windowStart(t, now)));
        expect(given.to).toBeLessThanOrEqual(Math.min(asked.to, now));
      }),
    );
  });

  test("[Q4] asked now, the window is given whole, and ends with its own blocks", () => {
    const t = keyTimes(defaultPolicy("Example"));
    const wanted = windowToAsk(t, NOW);
    expect(wanted.from).toBe(windowStart(t, NOW));
    const given = spanToGive({ ...ask, from: at(wanted.from), to: at(wanted.to) }, t, NOW);
    expect(given).toEqual(wanted);
    expect(windowGrantEnd(wanted, t)).toBeGreaterThan(NOW);
    fc.assert(
      fc.property(times, instant, (some, now) => {
        expect(windowGrantEnd(windowToAsk(some, now), some)).toBeLessThan(now + LONGEST_GRANT_MS);
      }),
    );
  });

  test("[Q6] a grant covers its span until its end, and nothing else", () => {
    const by = UserId.parse("@admin:example.test");
    fc.assert(
      fc.property(span, instant, instant, instant, (given, until, time, now) => {
        const covered = isCovered([{ ...given, until, by }], time, now);
        expect(covered).toBe(now < until && given.from <= time && time <= given.to);
        expect(isCovered([], time, now)).toBe(false);
      }),
    );
  });

  test("[Q7] an ask is heard from the device that it names, if its owner has signed it and is a member", () => {
    const sender = { encrypted: true, signed: true, member: true, device: ask.device };
    expect(refuseAsk(sender, ask)).toBeUndefined();
    expect(refuseAsk({ ...sender, encrypted: false }, ask)).toBe("not_encrypted");
    expect(refuseAsk({ ...sender, signed: false }, ask)).toBe("unsigned_device");
    expect(refuseAsk({ ...sender, member: false }, ask)).toBe("not_a_member");
    expect(refuseAsk({ ...sender, device: "ANOTHER" }, ask)).toBe("malformed");
    expect(refuseAsk(sender, undefined)).toBe("malformed");
  });

  test("[Q8] a client answers alone only for the window, if policy and device say so, and not without end", () => {
    const asker = { onRoster: true, signed: true, answeredToday: 0 };
    const allowed = { policy: true, device: true };
    expect(mayAnswerAlone(allowed, { kind: "window" }, asker)).toBe(true);
    expect(mayAnswerAlone({ ...allowed, policy: undefined }, { kind: "window" }, asker)).toBe(false);
    expect(mayAnswerAlone({ ...allowed, policy: false }, { kind: "window" }, asker)).toBe(false);
    expect(mayAnswerAlone({ ...allowed, device: false }, { kind: "window" }, asker)).toBe(false);
    expect(mayAnswerAlone(allowed, { kind: "span" }, asker)).toBe(false);
    expect(mayAnswerAlone(allowed, { kind: "window" }, { ...asker, onRoster: false })).toBe(false);
    expect(mayAnswerAlone(allowed, { kind: "window" }, { ...asker, signed: false })).toBe(false);
    const often = { ...asker, answeredToday: MOST_AUTOMATIC_A_DAY };
    expect(mayAnswerAlone(allowed, { kind: "window" }, often)).toBe(false);
  });
});
