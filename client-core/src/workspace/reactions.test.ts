import { VERSION } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Slice } from "../contract/index.ts";
import type { Reader } from "../store/commit.ts";
import {
  chat,
  duty,
  FakeWorld,
  member,
  newerEntry,
  ORG_ROOM,
  orgState,
  person,
  profile,
  requestEvents,
  requestRoom,
} from "./testing/fakeWorld.ts";
import { HearthWorkspace } from "./workspace.ts";

const ROOM = requestRoom(1);

async function withOrg(world: FakeWorld, order?: (readers: readonly Reader[]) => readonly Reader[]) {
  const workspace = await HearthWorkspace.open(world.session, order ? { order } : {});
  workspace.start();
  const rooms = { [ROOM]: requestEvents(1), [requestRoom(2)]: requestEvents(2) };
  await world.answer({ [ORG_ROOM]: { state: orgState(4) }, ...rooms }, 3);
  await settled(world);
  return workspace;
}

/** When all that followed from an answer has been done: two answers later nothing is shown that was not before. */
async function settled(world: FakeWorld): Promise<void> {
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await world.answer({}, 3);
  for (let i = 0; i < 10; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}

test("one person's duty makes that person's row, and leaves everybody else's and every request as it is", async () => {
  const world = await FakeWorld.make();
  const workspace = await withOrg(world);
  await workspace.run("room.open", { roomId: ROOM });
  await settled(world);
  const [team, requests, room] = [
    world.views.latest("team"),
    world.views.latest("requests"),
    world.views.latest(`room:${ROOM}`),
  ];
  expect(requests?.rows.map((row) => row.title)).toEqual(["Example request 2", "Example request 1"]);
  await world.answer({ [ORG_ROOM]: { state: [duty(person(1), true)] } }, 3);
  await settled(world);
  const before = new Map(team?.members.map((row) => [row.userId, row]));
  const changed = world.views.latest("team")?.members.filter((row) => before.get(row.userId) !== row);
  expect(changed?.map(({ userId, onDuty }) => [userId, onDuty])).toEqual([[person(1), true]]);
  expect(world.views.latest("requests")).toBe(requests);
  expect(world.views.latest(`room:${ROOM}`)).toBe(room);
  await workspace.dispose();
});

test("a message makes the row of its request and no other", async () => {
  const world = await FakeWorld.make();
  const workspace = await withOrg(world);
  const before = world.views.latest("requests")?.rows ?? [];
  const team = world.views.latest("team");
  await world.answer({ [ROOM]: { timeline: [chat(person(0), "On my way")] } }, 3);
  await settled(world);
  const after = world.views.latest("requests")?.rows ?? [];
  expect(after.map((row) => row.roomId)).toEqual([ROOM, requestRoom(2)]);
  expect(after[1]).toBe(before[0]);
  expect(after[0]).not.toBe(before[1]);
  expect(world.views.latest("team")).toBe(team);
  await workspace.dispose();
});

test("[L15] a newer entry makes this client ask its origin once, and only a newer build there makes it say reload", async () => {
  const world = await FakeWorld.make();
  const workspace = await withOrg(world);
  await workspace.run("room.open", { roomId: ROOM });
  const reload = () => world.views.latest(`room:${ROOM}`)?.request?.newerBuild;
  const asked = () => world.requests.filter((each) => each === "served version").length;
  const meet = async () => {
    await world.answer({ [ROOM]: { timeline: [newerEntry(person(0))] } }, 3);
    await settled(world);
  };
  world.served = VERSION;
  expect(asked()).toBe(0);
  await meet();
  expect([asked(), reload()]).toEqual([1, undefined]);
  // What else happens in the request is no reason to ask.
  await world.answer({ [ROOM]: { timeline: [chat(person(0), "On my way")] } }, 3);
  await settled(world);
  expect(asked()).toBe(1);
  world.served = "999.0.0";
  await meet();
  expect([asked(), reload()]).toEqual([2, true]);
  expect(world.failures).toEqual([]);
  await workspace.dispose();
});

test("whoever hears of changes may do so in any order: what is shown, kept and asked for at the end is the same", async () => {
  const slices: Slice[] = ["requests", "team", "org", "invites", "outbox", "access", `room:${ROOM}`];
  const play = async (order?: (readers: readonly Reader[]) => readonly Reader[]) => {
    const world = await FakeWorld.make();
    const workspace = await withOrg(world, order);
    await workspace.run("room.open", { roomId: ROOM });
    await world.answer({ [ORG_ROOM]: { state: [duty(person(1), true)] } }, 3);
    await world.answer({ [ROOM]: { timeline: [chat(person(0), "On my way")] } }, 3);
    await world.answer(
      { [ORG_ROOM]: { state: [member(person(2), "dispatcher"), profile(person(3), "Another name")] } },
      3,
    );
    await settled(world);
    const end = {
      shown: withoutIds(world.shown(slices)),
      described: { ...world.described },
      told: [world.told.policy, world.told.people.nameOf(person(3)), world.told.listIsWhole],
      kept: Object.fromEntries([...world.records].map(([name, records]) => [name, records.size])),
      asked: [...new Set(world.requests)].toSorted(),
      failures: world.failures,
    };
    await workspace.dispose();
    return end;
  };
  const expected = await play();
  expect(expected.failures).toEqual([]);
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.nat()), async (numbers) => {
      // Another order for each change that is told of.
      const shuffled = (readers: readonly Reader[]) =>
        readers
          .map((reader) => ({ reader, place: numbers.next().value }))
          .toSorted((a, b) => a.place - b.place)
          .map(({ reader }) => reader);
      expect(await play(shuffled)).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});

/** Event ids and instants are counted on from world to world: what they are counted from is taken away. */
function withoutIds(shown: ReadonlyMap<Slice, unknown>): unknown {
  const seen = new Map<string, string>();
  const text = JSON.stringify([...shown]).replaceAll(/\$e\d+|1789999\d{6}/g, (id) => {
    const known = seen.get(id) ?? `#${seen.size}`;
    seen.set(id, known);
    return JSON.stringify(known).slice(1, -1);
  });
  return text;
}
