import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Message } from "../chat.ts";
import { PolicyContent, defaultPolicy } from "../org/policy.ts";
import { Opened } from "../request/events/opened.ts";
import {
  isMisdated,
  isPastWindow,
  KEY_BLOCK_FIELD,
  keptUntil,
  keyBlock,
  keyTimes,
  namedBlock,
  sessionTime,
  windowStart,
  type KeyTimes,
} from "./block.ts";

const SECOND = 1000;
const DAY = 86_400_000;

const times: fc.Arbitrary<KeyTimes> = fc
  .tuple(fc.integer({ min: 1, max: 40 * 86_400 }), fc.integer({ min: 0, max: 400 * 86_400 }))
  .map(([block, more]) => ({ block: block * SECOND, window: (block + more) * SECOND }));
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });

describe("key blocks", () => {
  test("[K1] an instant lies in the block that begins at or before it, and ends after it", () => {
    fc.assert(
      fc.property(times, instant, (t, at) => {
        const block = keyBlock(at, t);
        expect(block).toBeLessThanOrEqual(at);
        expect(block + t.block).toBeGreaterThan(at);
        expect(keyBlock(block, t)).toBe(block);
        expect(keyBlock(block + t.block - 1, t)).toBe(block);
      }),
    );
  });

  test("[K1] every device cuts alike: the day's block begins at midnight UTC", () => {
    const day = keyTimes(defaultPolicy("Example"));
    expect(day).toEqual({ block: DAY, window: 14 * DAY });
    expect(keyBlock(Date.UTC(2026, 10, 23, 17, 5), day)).toBe(Date.UTC(2026, 10, 23));
  });

  test("[K1] the block and the window are the policy's; without one, those of a new org", () => {
    const policy = PolicyContent.parse({
      ...defaultPolicy("Example"),
      key_block: "PT2S",
      key_window: "PT6S",
    });
    expect(keyTimes(policy)).toEqual({ block: 2000, window: 6000 });
    expect(keyTimes(undefined)).toEqual({ block: DAY, window: 14 * DAY });
  });
});

describe("the key window", () => {
  test("[K3] nothing older than X is kept, and nothing younger than X less one block goes", () => {
    fc.assert(
      fc.property(times, instant, instant, (t, at, now) => {
        if (at < now - t.window) expect(isPastWindow(at, t, now)).toBe(true);
        if (at >= now - t.window + t.block) expect(isPastWindow(at, t, now)).toBe(false);
      }),
    );
  });

  test("[K3] the block of now is always kept, even when a block is as long as the window", () => {
    fc.assert(
      fc.property(times, instant, (t, now) => {
        expect(isPastWindow(keyBlock(now, t), t, now)).toBe(false);
        expect(isPastWindow(keyBlock(now, t), { ...t, window: t.block }, now)).toBe(false);
      }),
    );
  });

  test("[K3] a block goes as a whole, and what is gone stays gone", () => {
    fc.assert(
      fc.property(times, instant, instant, fc.nat(), (t, at, now, later) => {
        const block = keyBlock(at, t);
        expect(isPastWindow(at, t, now)).toBe(isPastWindow(block, t, now));
        expect(isPastWindow(at, t, now)).toBe(now > keptUntil(at, t));
        if (isPastWindow(at, t, now)) expect(isPastWindow(at, t, now + later)).toBe(true);
        expect(windowStart(t, now) % t.block).toBeCloseTo(0);
      }),
    );
  });
});

describe("a session's place in time", () => {
  test("[K4] is the earliest of all that is known of it, in whatever order it becomes known", () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 1, maxLength: 8 }), (seen) => {
        const oneByOne = seen.reduce<number | undefined>((known, at) => sessionTime(known, at), undefined);
        expect(oneByOne).toBe(Math.min(...seen));
        expect(sessionTime(undefined, ...seen, undefined)).toBe(oneByOne);
      }),
    );
  });

  test("[K6] an honest server's date is believed, and one moved by more than a block and a day is not", () => {
    const HOUR = 3_600_000;
    fc.assert(
      fc.property(instant, times, fc.integer({ min: -HOUR, max: 86_400_000 }), (at, cut, skew) => {
        const block = keyBlock(at, cut);
        expect(isMisdated(block, at + skew, cut)).toBe(false);
        expect(isMisdated(block, block - HOUR - 1, cut)).toBe(true);
        expect(isMisdated(block, block + cut.block + 24 * HOUR, cut)).toBe(true);
        expect(isMisdated(undefined, 0, cut)).toBe(false);
      }),
    );
  });

  test("[K5] content that names its block is read by every schema, and gives the same content without it", () => {
    for (const { schema, example } of [Message, Opened]) {
      const named = { ...example, [KEY_BLOCK_FIELD]: 1767225600000 };
      expect(namedBlock(named)).toBe(1767225600000);
      expect(namedBlock(example)).toBeUndefined();
      expect(schema.parse(named)).toEqual(schema.parse(example));
    }
  });

  test.each(
    [undefined, null, "x", 1, {}, { [KEY_BLOCK_FIELD]: "1" }, { [KEY_BLOCK_FIELD]: -1 }].concat([
      { [KEY_BLOCK_FIELD]: 1.5 },
      { [KEY_BLOCK_FIELD]: Number.NaN },
      { [KEY_BLOCK_FIELD]: 9e15 },
    ] as never[]),
  )("[K5] %j names no block", (content) => {
    expect(namedBlock(content)).toBeUndefined();
  });
});
