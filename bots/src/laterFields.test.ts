import { COMMANDS, Lifecycle, RosterEvent } from "@hearth/protocol";
import type { CommandName } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BOT } from "./testing/org.ts";
import { ORG_ROOM, smallOrg, Stage } from "./testing/stage.ts";
import { storyOf } from "./testing/stories.ts";
import { Supervised } from "./testing/supervised.ts";

const CLOSED: readonly string[] = [RosterEvent.type, Lifecycle.type];

/** The organisation's state that the bot writes, by its place. */
function stateOf({ server }: Stage): [string, Record<string, unknown>][] {
  return [...server.room(ORG_ROOM).state]
    .filter(
      ([, { type, sender }]) => type.startsWith("org.hearth.") && sender === BOT && !CLOSED.includes(type),
    )
    .map(([place, { content }]) => [place, content as Record<string, unknown>]);
}

/** What lists of it hold: roles that were held, asks that were logged. */
function partsOf(content: Record<string, unknown>): Record<string, unknown>[] {
  return Object.entries(content).flatMap(([name, value]) =>
    name !== "later" && Array.isArray(value)
      ? value.filter((each) => typeof each === "object" && each !== null)
      : [],
  ) as Record<string, unknown>[];
}

test("[T8] whatever a command changes, it leaves what a later version has written beside it", async () => {
  const org = await smallOrg();
  const names = Object.keys(COMMANDS) as CommandName[];
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, later) => {
      const stage = new Stage(org);
      const bots = new Supervised(stage.server);
      await bots.settle();
      for (const step of storyOf(name)) {
        const before = new Map<string, string>();
        for (const [place, content] of stateOf(stage)) {
          for (const each of [content, ...partsOf(content)]) each["later"] = later;
          before.set(place, JSON.stringify(content));
        }
        step(stage);
        // What the step itself puts there is no edit of the bot's.
        const put = new Set(
          stateOf(stage)
            .filter(([place, content]) => before.get(place) !== JSON.stringify(content))
            .map(([place]) => place),
        );
        await bots.settle();
        for (const [place, content] of stateOf(stage)) {
          const was = before.get(place);
          if (was === undefined || put.has(place)) continue;
          if (JSON.stringify(content) !== was) changed += 1;
          expect(content["later"], `${name}: ${place}`).toEqual(later);
          const kept = partsOf(content).filter((part) => "later" in part).length;
          expect(kept, `${name}: parts of ${place}`).toBe(partsOf(JSON.parse(was)).length);
        }
      }
    }),
    { numRuns: 80 },
  );
  expect(changed).toBeGreaterThan(10);
});
