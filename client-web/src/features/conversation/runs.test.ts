import type { TimelineItem } from "@hearth/client-core/contract.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { comingsWords, runsOf, type Comings } from "./runs.ts";

const BODIES = {
  said: { kind: "message", text: "Example" },
  done: { kind: "log", text: "Example" },
  invite: { kind: "membership", text: "Example", change: "invite" },
  join: { kind: "membership", text: "Example", change: "join" },
  device: { kind: "device", text: "Example" },
} as const satisfies Record<string, TimelineItem["body"]>;

const item = (what: keyof typeof BODIES, i: number): TimelineItem => ({
  id: `$${i}`,
  at: i,
  sender: "@example:hearth.localhost",
  senderName: "Example",
  mine: false,
  delivery: { kind: "sent" },
  body: BODIES[what],
});
const timelineOf = (...what: (keyof typeof BODIES)[]) => what.map(item);
const never = () => false;
const shape = (lines: ReturnType<typeof runsOf>) =>
  lines.map((line) => ("comings" in line ? line.comings.length : line.body.kind));

describe("comings and goings", () => {
  test("six before the first word are one line, also with the opening among them", () => {
    const lines = runsOf(
      timelineOf("join", "invite", "invite", "done", "invite", "join", "join", "said"),
      never,
    );
    expect(shape(lines)).toEqual([6, "log", "message"]);
    expect(comingsWords(lines[0] as Comings)).toBe("3 added, 3 joined");
  });

  test("one alone says itself, and none crosses what was said or a new day", () => {
    expect(shape(runsOf(timelineOf("join", "said", "join", "join"), never))).toEqual([
      "membership",
      "message",
      2,
    ]);
    expect(shape(runsOf(timelineOf("join", "join", "join"), ({ id }) => id === "$2"))).toEqual([
      2,
      "membership",
    ]);
  });

  test("nothing is lost or stands twice, and all that is no coming keeps its order", () => {
    const what = fc.constantFrom(...(Object.keys(BODIES) as (keyof typeof BODIES)[]));
    fc.assert(
      fc.property(fc.array(what), fc.nat(5), (names, every) => {
        const timeline = timelineOf(...names);
        const lines = runsOf(timeline, ({ at }) => every > 1 && at % every === 0);
        const all = lines.flatMap((line) => ("comings" in line ? line.comings : [line]));
        expect(all.map(({ id }) => id).toSorted()).toEqual(timeline.map(({ id }) => id).toSorted());
        const kept = (items: readonly TimelineItem[]) =>
          items.filter(({ body }) => body.kind === "message" || body.kind === "log").map(({ id }) => id);
        expect(kept(all)).toEqual(kept(timeline));
      }),
    );
  });
});
