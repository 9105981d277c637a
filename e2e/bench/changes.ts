import { Session } from "node:inspector/promises";
import {
  chat,
  duty,
  FakeWorld,
  ORG_ROOM,
  orgState,
  person,
  requestEvents,
  requestRoom,
} from "../../client-core/src/workspace/testing/fakeWorld.ts";
import { HearthWorkspace } from "../../client-core/src/workspace/workspace.ts";
import { milliseconds, quantile } from "./figures.ts";

export const REQUESTS = 2000;
export const PEOPLE = 500;
const TIMES = 9;

/** Rows and views, by the functions of client-core that make one at each call. */
const MADE = {
  requestRow: "rows of requests",
  // One for each row of the team list.
  wantsSigning: "rows of people",
  roomView: "rooms",
  orgView: "org",
  teamView: "team",
  invitesView: "invites",
  accessView: "access",
} as const;

export type ChangeFigures = { readonly name: string; readonly made: string; readonly ms: number };

/**
 * What one change costs a worker that knows many requests and people: the views and rows that it makes anew, and the
 * processor's time from sync's answer until all is shown. Without a server and without a disk.
 */
export async function measureChanges(): Promise<ChangeFigures[]> {
  const world = await FakeWorld.make();
  const workspace = await HearthWorkspace.open(world.session);
  workspace.start();
  const requests = Array.from({ length: REQUESTS }, (_, i) => [requestRoom(i), requestEvents(i)] as const);
  const rooms = { [ORG_ROOM]: { state: orgState(PEOPLE) }, ...Object.fromEntries(requests) };
  await world.answer(rooms, REQUESTS + 1);
  while (!world.told.listIsWhole) await settle(world);
  await workspace.run("room.open", { roomId: requestRoom(0) });
  await settle(world);

  let onDuty = false;
  let next = REQUESTS;
  const changes: { name: string; rooms: () => Parameters<FakeWorld["answer"]>[0] }[] = [
    {
      name: "one duty toggle",
      rooms: () => ({ [ORG_ROOM]: { state: [duty(person(7), (onDuty = !onDuty))] } }),
    },
    {
      name: "one chat message",
      rooms: () => ({ [requestRoom(7)]: { timeline: [chat(person(0), "On my way")] } }),
    },
    { name: "one new request", rooms: () => ({ [requestRoom(++next)]: requestEvents(next) }) },
  ];
  const figures: ChangeFigures[] = [];
  for (const { name, rooms: makeRooms } of changes) {
    const times: number[] = [];
    for (let i = 0; i < TIMES; i += 1) times.push(await timeOf(() => world.answer(makeRooms(), next), world));
    const made = await callsDuring(() => world.answer(makeRooms(), next), world);
    figures.push({ name, made, ms: quantile(times, 0.5) });
  }
  await workspace.dispose();
  world.stop();
  return figures;
}

export function changeRows(figures: readonly ChangeFigures[]): [string, string][] {
  return figures.map(({ name, made, ms }) => [
    `${name} with ${REQUESTS} requests and ${PEOPLE} people, in the worker`,
    `${milliseconds(ms)}; ${made}`,
  ]);
}

async function timeOf(change: () => Promise<void>, world: FakeWorld): Promise<number> {
  const before = process.cpuUsage();
  await change();
  await settle(world);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Everything that followed has been done, and the next sync is asked for. */
async function settle(world: FakeWorld): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  await world.answer({}, REQUESTS);
}

async function callsDuring(change: () => Promise<void>, world: FakeWorld): Promise<string> {
  const inspector = new Session();
  inspector.connect();
  await inspector.post("Profiler.enable");
  await inspector.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
  await change();
  await settle(world);
  const { result } = await inspector.post("Profiler.takePreciseCoverage");
  inspector.disconnect();
  const functions = result
    .filter(({ url }) => url.includes("/client-core/src/"))
    .flatMap((script) => script.functions);
  const counts = Object.entries(MADE).map(([name, what]) => {
    const calls = functions.filter(({ functionName }) => functionName === name);
    return [what, calls.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0)] as const;
  });
  return counts
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what}: ${count}`)
    .join(", ");
}
