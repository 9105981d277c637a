import { isSensitive } from "@hearth/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isRefused, kinds, startModuleWorld, told } from "./support/moduleWorld.ts";
import type { ModuleWorld } from "./support/moduleWorld.ts";
import { expectOk, newPerson } from "./support/rawClient.ts";
import { maker, template } from "./support/rooms.ts";
import { spoil, spoilings } from "./support/tables.ts";

let world: ModuleWorld;

beforeAll(async () => {
  world = await startModuleWorld();
});

afterAll(() => world?.[Symbol.asyncDispose]());

describe("templates", () => {
  it.each(kinds)("of %s, as the protocol package builds them, are taken from their maker", async (kind) => {
    await expectOk(maker(kind, world.team).createRoom(template(kind, world.team)));
  });

  it.each(kinds)("of %s are refused from anybody else", async (kind) => {
    const others =
      maker(kind, world.team) === world.team.bot ? [world.team.staff, world.team.admin] : [world.team.bot];
    for (const other of others)
      expect(await other.createRoom(template(kind, world.team))).toSatisfy(isRefused);
  });

  it.each(kinds)("[P1] of %s are refused with any change in the table", async (kind) => {
    const table = spoilings(world.names("$event", "$other", world.team.staff));
    const rows = isSensitive(kind) ? [...table.any, ...table.sensitive] : table.any;
    expect(rows.length).toBeGreaterThan(50);
    const passed: string[] = [];
    const makers =
      maker(kind, world.team) === world.team.bot ? [world.team.bot] : [world.team.staff, world.team.admin];
    for (const who of makers)
      for (const row of rows) {
        const answer = await who.createRoom(spoil(template(kind, world.team), row));
        if (!isRefused(answer)) passed.push(`${row.what}: ${told(answer)}`);
      }
    expect(passed).toEqual([]);
  });

  it("are the only way to make a room, for the bot and for the server's admins too", async () => {
    for (const who of [world.team.staff, world.team.admin, world.team.bot])
      for (const body of [
        {},
        { preset: "private_chat" },
        { name: world.secret },
        { preset: "trusted_private_chat" },
      ])
        expect(await who.createRoom(body)).toSatisfy(isRefused);
  });

  it.each(kinds)("cannot be got round by upgrading a room of type %s", async (kind) => {
    for (const who of [world.team.staff, world.team.admin, world.team.bot]) {
      const answer = await who.request(
        "POST",
        `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(kind))}/upgrade`,
        { new_version: "12" },
      );
      expect(answer).toSatisfy(isRefused);
    }
  });
});

describe("what the operator and the bot do to rooms from outside", () => {
  it("goes on working: a person is renamed, removed from everywhere, and a room deleted", async () => {
    const bot = world.team.bot;
    const leaver = await newPerson(world.instance, bot, "leaver");
    const made = await expectOk(leaver.createRoom(template("org.hearth.request", world.team)));
    const roomId = String(made["room_id"]);
    await expectOk(world.team.other.join(roomId));
    const membership = async (userId: string) => {
      const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/state`;
      const { state } = (await expectOk(bot.request("GET", path))) as {
        state: { type: string; state_key: string; content: Record<string, unknown> }[];
      };
      return state.find((event) => event.type === "m.room.member" && event.state_key === userId)?.content;
    };

    const account = `/_synapse/admin/v2/users/${encodeURIComponent(leaver.userId)}`;
    await expectOk(bot.request("PUT", account, { displayname: "New Name" }));
    await vi.waitFor(
      async () =>
        expect(await membership(leaver.userId)).toEqual({ membership: "join", displayname: "New Name" }),
      { timeout: 150_000 },
    );

    const deactivate = `/_synapse/admin/v1/deactivate/${encodeURIComponent(leaver.userId)}`;
    await expectOk(bot.request("POST", deactivate, { erase: true }));
    await vi.waitFor(async () => expect(await membership(leaver.userId)).toEqual({ membership: "leave" }), {
      timeout: 150_000,
    });

    const remove = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}`;
    const removed = await expectOk(bot.request("DELETE", remove, { block: true, purge: false }));
    expect(removed["kicked_users"]).toContain(world.team.other.userId);
    expect(removed["failed_to_kick_users"]).toEqual([]);
  });
});
