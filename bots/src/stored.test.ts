import { ALL_EVENTS, Command, idFromBytes, memberStateKey, Result, type RoomId } from "@hearth/protocol";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { membersAt, readOrgState } from "./org/state.ts";
import { loadPlace } from "./place.ts";
import { homeserverFor, HomeserverInMemory } from "./testing/homeserverInMemory.ts";
import { admin, BOT, dispatcher, ORG, outsider, responder } from "./testing/org.ts";
import { ADMIN_ROOM, ORG_ROOM, Stage } from "./testing/stage.ts";
import { fromText, type StoredBot } from "./testing/stored/stored.ts";
import { Supervised } from "./testing/supervised.ts";

const FOLDER = new URL("testing/stored/", import.meta.url);
const FIXTURES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name): [string, StoredBot] => [name, fromText(readFileSync(new URL(name, FOLDER), "utf8"))]);

const stateOf = ({ server }: StoredBot, room: RoomId) => [...(server.rooms.get(room)?.state.values() ?? [])];

test("[T7] every kind of state of an organisation is in a fixture: whoever adds one makes a fixture with it", () => {
  const kept = new Set(
    FIXTURES.flatMap(([, stored]) =>
      [...stored.server.rooms.keys()].flatMap((room) => stateOf(stored, room).map(({ type }) => type)),
    ),
  );
  const defined = ALL_EVENTS.flatMap((each) => (each.family === "state" ? [each] : []));
  expect(defined.filter(({ type }) => !kept.has(type)).map(({ type }) => type)).toEqual([]);
});

describe.each(FIXTURES)("[T7] what a bot stored: %s", (_, stored) => {
  test("its organisation, people, policy, invites, wipes and its place are read again", async () => {
    const org = readOrgState(stateOf(stored, ORG_ROOM), BOT);
    expect(org.unreadable).toEqual([]);
    expect([...org.newer]).toEqual([]);
    expect(membersAt(org, stored.server.now)).toEqual([admin, dispatcher, outsider, responder].toSorted());
    expect(org.policy).toMatchObject({ retention: "P60D", lock_idle: "PT5M" });
    expect([...org.roles.keys()]).toEqual(expect.arrayContaining(["admin", "dispatcher", "responder"]));
    expect([org.invites.size > 1, org.wipes.size, org.roster.size, org.access.size]).toEqual([true, 1, 1, 1]);
    const server = new HomeserverInMemory(structuredClone(stored.server));
    const place = await loadPlace(
      homeserverFor(server, BOT, (_what, apply) => Promise.resolve(apply())),
      ORG,
    );
    expect(Object.keys(place.handled).length).toBeGreaterThan(1);
  });

  test("a bot of today goes on from it: it answers what waits once, does nothing twice, and changes nothing that stands", async () => {
    const stage = new Stage(stored.server);
    const answers = () =>
      stage.server
        .room(ADMIN_ROOM)
        .timeline.filter(({ type, sender }) => type === Result.type && sender === BOT);
    const before = answers().length;
    const bots = new Supervised(stage.server);
    await bots.settle();
    expect(answers().length).toBe(before + 1);
    expect(Result.schema.parse(answers().at(-1)?.content)).toMatchObject({ ok: true });
    // New versions may add state of their own; what stood there stands.
    const now = stage.server.room(ORG_ROOM).state;
    for (const { type, state_key, content } of stateOf(stored, ORG_ROOM))
      expect(now.get(`${type} ${state_key ?? ""}`)?.content, `${type} ${state_key ?? ""}`).toEqual(content);
    const id = idFromBytes(new Uint8Array(16).fill(200));
    const args = { user: responder, role: "exporter" };
    stage.server.add(admin, ORG_ROOM, Command.type, { v: 1, id, name: "role grant", args });
    await bots.settle();
    const org = readOrgState([...stage.server.room(ORG_ROOM).state.values()], BOT);
    const roles = org.members.get(memberStateKey(responder))?.roles.map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(["responder", "exporter"]));
  });
});
