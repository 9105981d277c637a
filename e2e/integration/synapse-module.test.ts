import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scan } from "../support/scan.ts";
import {
  isRefused,
  senders,
  sensitiveKinds,
  startModuleWorld,
  told,
  uniqueWord,
} from "./support/moduleWorld.ts";
import type { ModuleWorld } from "./support/moduleWorld.ts";
import { expectOk } from "./support/rawClient.ts";
import type { RawClient } from "./support/rawClient.ts";
import { adopted, maker } from "./support/rooms.ts";
import { encrypted, leaks } from "./support/tables.ts";

const controlToken = uniqueWord();
let world: ModuleWorld;

beforeAll(async () => {
  world = await startModuleWorld();
});

afterAll(() => world?.[Symbol.asyncDispose]());

describe.each(sensitiveKinds)("[P1] a room of type %s", (kind) => {
  it.each(senders)("refuses every leak in the table from %s", async (who) => {
    const sender = world.team[who];
    const table = leaks(
      world.names(await world.eventIn(world.room(kind)), await world.eventIn(world.room(kind)), sender),
    );
    expect(table.length).toBeGreaterThan(90);
    const passed: string[] = [];
    for (const row of table) {
      const answer = await sender.send(world.room(kind), row.type, row.content, row.stateKey);
      const refused = row.bySynapse ? answer.status >= 400 : isRefused(answer);
      if (!refused) passed.push(`${row.what}: ${told(answer)}`);
    }
    expect(passed).toEqual([]);
  });

  it("takes the exact encrypted event, plain and with an id-only relation, from staff and admin", async () => {
    const first = await world.eventIn(world.room(kind));
    for (const sender of [world.team.staff, world.team.admin]) {
      const content = encrypted(sender.deviceId ?? "");
      for (const relation of [
        { rel_type: "m.reference", event_id: first },
        { rel_type: "m.replace", event_id: first },
        { "m.in_reply_to": { event_id: first } },
        {
          rel_type: "m.thread",
          event_id: first,
          is_falling_back: true,
          "m.in_reply_to": { event_id: first },
        },
      ])
        await expectOk(
          sender.send(world.room(kind), "m.room.encrypted", { ...content, "m.relates_to": relation }),
        );
    }
  });

  it("refuses a message that names another device than the world.token's", async () => {
    const answer = await world.team.staff.send(world.room(kind), "m.room.encrypted", encrypted("OTHERDEVIC"));
    expect(answer).toSatisfy(isRefused);
  });

  it("takes a redaction without a reason, and one of the room's own state from the bot alone", async () => {
    const path = (event: string) =>
      `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(kind))}/redact/${encodeURIComponent(event)}`;
    const event = await world.eventIn(world.room(kind));
    const reason = await world.team.staff.request("PUT", `${path(event)}/reason`, { reason: world.secret });
    expect(reason).toSatisfy(isRefused);
    expect(reason.error).toContain("reason");
    await expectOk(world.team.staff.request("PUT", `${path(event)}/none`, {}));

    const state = (await expectOk(
      world.team.bot.request("GET", `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(kind))}/state`),
    )) as unknown as { type: string; event_id: string }[];
    const encryption = state.find((candidate) => candidate.type === "m.room.encryption");
    expect(encryption).toBeDefined();
    const undone = await maker(kind, world.team).request(
      "PUT",
      `${path(encryption?.event_id ?? "")}/state`,
      {},
    );
    if (maker(kind, world.team) === world.team.staff) expect(undone).toSatisfy(isRefused);
  });

  it("has its power levels, retention and doors written by the bot alone", async () => {
    const shaped: [string, unknown][] = [
      ["m.room.power_levels", adopted(world.team)],
      ["m.room.retention", { max_lifetime: 86_400_000 }],
      ["m.room.join_rules", { join_rule: "invite" }],
      ["m.room.history_visibility", { history_visibility: "shared" }],
      ["m.room.guest_access", { guest_access: "forbidden" }],
    ];
    for (const [type, content] of shaped) {
      expect(await world.team.staff.send(world.room(kind), type, content, "")).toSatisfy(isRefused);
      expect(await world.team.admin.send(world.room(kind), type, content, "")).toSatisfy(isRefused);
      await expectOk(world.team.bot.send(world.room(kind), type, content, ""));
    }
  });

  it("is opened and closed by those who have the power", async () => {
    for (const sender of [world.team.admin, world.team.bot])
      await expectOk(sender.send(world.room(kind), "org.hearth.lifecycle", { state: "open", at: 1 }, ""));
    const powerless = await world.team.other.send(
      world.room(kind),
      "org.hearth.lifecycle",
      { state: "closed", at: 2 },
      "",
    );
    expect(powerless.status).toBe(403);
  });
});

describe("membership", () => {
  const request = "org.hearth.request";
  const act = (who: RawClient, verb: string, target: RawClient, more: Record<string, unknown> = {}) =>
    who.request("POST", `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(request))}/${verb}`, {
      user_id: target.userId,
      ...more,
    });

  it("lets nobody but an admin or the bot remove people, whatever power a creator has", async () => {
    expect(await act(world.team.staff, "kick", world.team.other)).toSatisfy(isRefused);
    expect(await act(world.team.staff, "ban", world.team.other)).toSatisfy(isRefused);
    await expectOk(act(world.team.admin, "kick", world.team.other));
    await expectOk(act(world.team.staff, "invite", world.team.other));
    await expectOk(world.team.other.join(world.room(request)));
    await expectOk(act(world.team.bot, "kick", world.team.other));
    await expectOk(act(world.team.admin, "invite", world.team.other));
    await expectOk(world.team.other.join(world.room(request)));
  });

  it("[P1] takes no reason with an invite, a removal or a departure, through the endpoints either", async () => {
    const answers = await Promise.all([
      act(world.team.admin, "kick", world.team.other, { reason: world.secret }),
      act(world.team.bot, "ban", world.team.other, { reason: world.secret }),
      act(world.team.staff, "invite", world.team.bot, { reason: world.secret }),
      act(world.team.other, "leave", world.team.other, { reason: world.secret }),
    ]);
    for (const answer of answers) expect(told(answer)).toContain("ORG.HEARTH.BAD_SHAPE");
  });

  it("[P1] knows nobody by a user name that is no account's, and nobody by e-mail", async () => {
    const target = `@yellow-house-${world.token}:${world.instance.serverName}`;
    for (const membership of ["invite", "leave", "ban"])
      for (const who of [world.team.admin, world.team.bot])
        expect(await who.send(world.room(request), "m.room.member", { membership }, target)).toSatisfy(
          isRefused,
        );
    const mail = {
      medium: "email",
      address: `${world.token}@example.org`,
      id_server: "example.org",
      id_access_token: "x",
    };
    const answer = await world.team.staff.request(
      "POST",
      `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(request))}/invite`,
      mail,
    );
    expect(answer.status).toBe(403);
  });

  it("[P1] shows a person under the name of the account, not one for the room", async () => {
    const content = { membership: "join", displayname: world.secret };
    expect(
      await world.team.staff.send(world.room(request), "m.room.member", content, world.team.staff.userId),
    ).toSatisfy(isRefused);
    const member = await expectOk(
      world.team.bot.request(
        "GET",
        `/_matrix/client/v3/rooms/${encodeURIComponent(world.room(request))}/state/m.room.member/${encodeURIComponent(world.team.staff.userId)}`,
      ),
    );
    expect(member).toEqual({ membership: "join", displayname: "staff" });
  });
});

describe("rooms that are not encrypted", () => {
  it("take a command from a member, and org state from the bot alone", async () => {
    const org = world.room("org.hearth.org");
    await expectOk(world.team.staff.send(org, "org.hearth.command", { name: controlToken }));
    for (const type of [
      "org.hearth.policy",
      "org.hearth.role",
      "org.hearth.member",
      "org.hearth.invite",
      "org.hearth.access",
    ]) {
      for (const who of [world.team.staff, world.team.admin])
        expect(await who.send(org, type, { v: 1 }, who.userId)).toSatisfy(isRefused);
      await expectOk(world.team.bot.send(org, type, { v: 1 }, "staff"));
    }
    for (const who of [world.team.staff, world.team.admin]) {
      expect(await who.send(org, "org.hearth.result", { ok: true })).toSatisfy(isRefused);
      expect(await who.send(org, "m.room.message", { msgtype: "m.text", body: "x" })).toSatisfy(isRefused);
      expect(await who.send(org, "org.hearth.command", { args: "x".repeat(17_000) })).toSatisfy(isRefused);
    }
  });

  it("let a member write at most 4 kB of profile and duty, and their own alone", async () => {
    const org = world.room("org.hearth.org");
    for (const type of ["org.hearth.profile", "org.hearth.duty"]) {
      expect(await world.team.staff.send(org, type, { v: 1 }, world.team.other.userId)).toSatisfy(isRefused);
      expect(await world.team.staff.send(org, type, { v: 1 }, "")).toSatisfy(isRefused);
      expect(await world.team.bot.send(org, type, { v: 1 }, world.team.staff.userId)).toSatisfy(isRefused);
      expect(
        await world.team.staff.send(org, type, { bio: "x".repeat(4096) }, world.team.staff.userId),
      ).toSatisfy(isRefused);
    }
  });

  it("let a newcomer speak to the bot, and to nobody else", async () => {
    const onboarding = world.room("org.hearth.onboarding");
    await expectOk(world.team.staff.send(onboarding, "org.hearth.command", { name: "invite accept" }));
    await expectOk(world.team.bot.send(onboarding, "org.hearth.result", { ok: true }));
    expect(
      await world.team.staff.send(
        onboarding,
        "m.room.member",
        { membership: "invite" },
        world.team.other.userId,
      ),
    ).toSatisfy(isRefused);
    expect(
      await world.team.staff.send(onboarding, "m.room.message", { msgtype: "m.text", body: "x" }),
    ).toSatisfy(isRefused);
  });

  it("let admins type text and commands, and the bot answer by notice", async () => {
    const room_ = world.room("org.hearth.admin");
    await expectOk(world.team.bot.send(room_, "m.room.message", { msgtype: "m.notice", body: "x" }));
    expect(await world.team.bot.send(room_, "m.room.message", { msgtype: "m.text", body: "x" })).toSatisfy(
      isRefused,
    );
    await expectOk(
      world.team.admin.send(room_, "m.room.message", { msgtype: "m.text", body: "!hearth help" }),
    );
  });
});

it("[P1] leaves nothing of what was refused in the database or the media, and a scan that can fail", async () => {
  await world.instance.stopSynapse();
  const { findings } = await scan(
    [world.instance.databasePath, `${world.instance.databasePath}-wal`, world.instance.mediaPath],
    [world.token, controlToken],
  );
  expect(findings.filter((finding) => finding.token === world.token)).toEqual([]);
  expect(findings.some((finding) => finding.token === controlToken)).toBe(true);
});
