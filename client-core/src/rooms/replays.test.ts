import { EventId, UserId } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RawEvent } from "./rawEvent.ts";
import { replaysIn } from "./replays.ts";

const event = (id: string, content: Record<string, unknown>): RawEvent => ({
  event_id: EventId.parse(id),
  type: "m.room.encrypted",
  sender: UserId.parse("@example:hearth.localhost"),
  origin_server_ts: 0,
  content,
});

test("[L5] of one ciphertext under several event ids all but the first are replays, wherever they stand", () => {
  const wires = fc.array(fc.record({ session_id: fc.constantFrom("A", "B"), n: fc.nat(5), pad: fc.nat(2) }));
  fc.assert(
    fc.property(wires, (all) => {
      const events = all.map(({ session_id, n, pad }, i) =>
        event(`$${i}`, { session_id, ciphertext: `cipher${n}${"=".repeat(pad)}` }),
      );
      const first = new Map<string, string>();
      for (const [i, { session_id, n }] of all.entries())
        if (!first.has(`${session_id}${n}`)) first.set(`${session_id}${n}`, `$${i}`);
      const firsts = new Set(first.values());
      expect(replaysIn(events)).toEqual(
        new Set(events.map((each) => each.event_id).filter((id) => !firsts.has(id))),
      );
    }),
  );
});

test("what has no ciphertext, or a wrong one, replays nothing", () => {
  const odd = [{}, { session_id: "A" }, { ciphertext: "x" }, { session_id: 1, ciphertext: "x" }];
  expect(replaysIn([...odd, ...odd].map((content, i) => event(`$${i}`, content)))).toEqual(new Set());
});
