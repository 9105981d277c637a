// The bot killed after each of its writes, over a homeserver in memory: from `bots/src/testing`, where it stands in for
// Synapse. Three kills of a real process in front of a real Synapse are in e2e/integration/bot-kill.test.ts.
import { Audit, COMMANDS, Result } from "@hearth/protocol";
import type { CommandName } from "@hearth/protocol";
import fc from "fast-check";
import { beforeAll, describe, expect, it, test } from "vitest";
import { endState } from "./testing/endState.ts";
import type { ServerData } from "./testing/homeserverInMemory.ts";
import { admin, BOT, dispatcher, INVITE, NOW, outsider, responder } from "./testing/org.ts";
import { ORG_ROOM, smallOrg, Stage, type Step } from "./testing/stage.ts";
import { FIRST_MINUTES, joins, storyOf } from "./testing/stories.ts";
import { Supervised, type Fate } from "./testing/supervised.ts";

type Run = { readonly end: string; readonly writes: readonly string[]; readonly stage: Stage };

/** What the bot could not end at once, a wiped device for instance, it tries again after a while. */
const whatIsTriedAgain: readonly Step[] = Array.from({ length: 3 }, () => (stage) => stage.later(60_000));

async function play(
  story: readonly Step[],
  from: ServerData | undefined,
  fate?: (write: number) => Fate,
  startedOnceMore = false,
): Promise<Run> {
  const stage = new Stage(from);
  const bots = new Supervised(stage.server, fate);
  for (const step of [...story, ...whatIsTriedAgain]) {
    step(stage);
    await bots.settle();
  }
  if (startedOnceMore) {
    bots.stop();
    await bots.settle();
  }
  return { end: endState(stage.server), writes: bots.writes, stage };
}

/** Plays a story once for each of its writes, and once more for each with the answer lost instead. */
async function expectSameEnd(story: readonly Step[], from?: ServerData): Promise<Run> {
  const undisturbed = await play(story, from);
  expect(undisturbed.writes).not.toEqual([]);
  for (const fate of ["kill", "lose"] as const)
    for (const [at, what] of undisturbed.writes.entries()) {
      const { end, writes } = await play(story, from, (write) => (write === at + 1 ? fate : undefined));
      expect(writes[at], "the story is the same up to then").toBe(what);
      expect(end, `${fate} after write ${at + 1}, ${what}`).toEqual(undisturbed.end);
    }
  return undisturbed;
}

/** What was asked, what the bot answered to it, and the commands of which the audit has an entry. */
function said({ stage: { server } }: Run) {
  const events = [...server.data.rooms.values()].flatMap(({ timeline }) => timeline);
  const of = (type: string, byBot: boolean) =>
    events.filter((event) => event.type === type && (event.sender === BOT) === byBot);
  return {
    asked: [...of("org.hearth.command", false), ...of("m.room.message", false)],
    results: of(Result.type, true).map(({ content }) => Result.schema.parse(content)),
    notices: of("m.room.message", true),
    audited: of(Audit.type, true).map(({ content }) => Audit.schema.parse(content).name),
  };
}

let org: ServerData;
beforeAll(async () => {
  org = await smallOrg();
});

describe("[P9] killed after any of its writes, or told nothing of one, the bot comes to the same end", () => {
  it("in an org's first minutes", async () => {
    const { end } = await expectSameEnd(FIRST_MINUTES);
    expect(end).toContain("org.hearth.audit");
    expect(end).toContain(
      '"m.room.member","@admin:example.test","@hearth-bot:example.test",{"membership":"invite"}',
    );
    expect(end).not.toContain("!onboarding-1");
  });

  it.each(Object.keys(COMMANDS) as CommandName[])("in the story of %s", async (name) => {
    const undisturbed = await expectSameEnd(storyOf(name), org);
    const { asked, results, notices, audited } = said(undisturbed);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length + notices.length).toBe(asked.length);
    expect(audited.includes(name)).toBe(COMMANDS[name].audit !== null);
  });

  it("whatever is asked by whomever, killed as often as it may be", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 8 }), fates, async (steps, fateOf) => {
        const story = steps.map(([, step]) => step);
        // A start also finds what no event told of (a backup that somebody made by hand): each run ends with one, so that
        // a kill, which is followed by a start, has no advantage.
        const { end } = await play(story, org, (write) => fateOf.get(write), true);
        expect(end).toEqual((await play(story, org, undefined, true)).end);
      }),
      { numRuns: 60 },
    );
  });
});

const fates = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.constantFrom<Fate>("kill", "lose")), { maxLength: 12 })
  .map((each) => new Map(each));

/** Commands of every kind, in any order, by any of them: many are refused, and some take the sender's own powers. */
const anyStep: fc.Arbitrary<[string, Step]> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom(...(Object.keys(COMMANDS) as CommandName[])), fc.nat(5))
      .map(([name, at]): [string, Step] => {
        const story = storyOf(name);
        const index = at % story.length;
        return [`step ${index} of ${name}`, unlessImpossible(story[index] ?? (() => {}))];
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom("role grant" as const, "role revoke" as const, "member remove" as const),
        fc.constantFrom(admin, dispatcher, responder),
        fc.constantFrom(admin, dispatcher, responder, outsider),
        fc.constantFrom("admin", "dispatcher", "responder", "exporter"),
      )
      .map(([name, who, user, role]): [string, Step] => [
        `${who}: ${name} ${user} ${role}`,
        unlessImpossible((stage) =>
          stage.ask(who, ORG_ROOM, name, name === "member remove" ? { user } : { user, role }),
        ),
      ]),
  },
  {
    weight: 1,
    arbitrary: fc.nat(3).map((at): [string, Step] => {
      const step = joins()[at] ?? (() => {});
      return [`joins ${at}`, unlessImpossible(step)];
    }),
  },
);

/** Who has been put out of a room, say, can't give a command in it any more: then nothing happens. */
function unlessImpossible(step: Step): Step {
  return (stage) => {
    try {
      step(stage);
    } catch {
      // As the server refused it, nothing has changed.
    }
  };
}

describe("the homeserver in memory and the text of its end notice", () => {
  test.each<[string, (stage: Stage) => void]>([
    [
      "a second answer",
      ({ server }) => server.add(BOT, ORG_ROOM, Result.type, lastAnswer(server.room(ORG_ROOM))),
    ],
    ["an audit entry too many", ({ server }) => server.add(BOT, ORG_ROOM, Audit.type, Audit.example)],
    [
      "a second invite",
      ({ server }) => server.add(BOT, ORG_ROOM, "m.room.member", { membership: "join" }, admin),
    ],
    ["an account that could still be made", ({ server: { data } }) => data.tokens.set("token", NOW + 1)],
    ["other state", (stage) => stage.invite(INVITE, [])],
  ])("%s", async (_what, wrong) => {
    const { end, stage } = await play(storyOf("role grant"), org);
    wrong(stage);
    expect(endState(stage.server)).not.toBe(end);
  });
});

function lastAnswer({
  timeline,
}: {
  timeline: { type: string; content: Readonly<Record<string, unknown>> }[];
}) {
  return timeline.findLast(({ type }) => type === Result.type)?.content ?? {};
}
