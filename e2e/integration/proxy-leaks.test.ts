import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROBE_KINDS, readAllowList, wrongAnswers } from "@hearth/tools";
import { senders, startModuleWorld, told } from "./support/moduleWorld.ts";
import type { ModuleWorld } from "./support/moduleWorld.ts";
import type { RawClient } from "./support/rawClient.ts";

/** Of a server to hold against the list instead of our own: a production edge, say. No probe changes anything there. */
const elsewhere = process.env["HEARTH_ORIGIN"];

let starting: Promise<ModuleWorld> | undefined;
const started = () => (starting ??= startModuleWorld());

afterAll(async () => (await starting)?.[Symbol.asyncDispose]());

describe("[P1] the allow-list, row by row", () => {
  let origin: string;

  beforeAll(async () => {
    origin = elsewhere ?? (await started()).instance.webUrl;
  });

  it.each(PROBE_KINDS)("%s", async (kind) => {
    expect(await wrongAnswers(origin, readAllowList(), kind)).toEqual([]);
  });
});

describe("[P1] what no module sees", () => {
  let world: ModuleWorld;

  beforeAll(async () => {
    world = await started();
  });

  const user = (who: RawClient) => encodeURIComponent(who.userId);
  const request = () => encodeURIComponent(world.room("org.hearth.request"));

  /** What it is, and the request that would write it. */
  const outside = (who: RawClient): [string, string, string, unknown][] => [
    ["a tag", "PUT", `/v3/user/${user(who)}/rooms/${request()}/tags/u.${world.token}`, { order: 0 }],
    ["account data", "PUT", `/v3/user/${user(who)}/account_data/org.example.note`, { body: world.secret }],
    [
      "words for half of a key",
      "PUT",
      `/v3/user/${user(who)}/account_data/org.hearth.unlock.ABCDEFGHIJ`,
      { half: world.secret },
    ],
    ["people's rooms", "PUT", `/v3/user/${user(who)}/account_data/m.direct`, { [world.secret]: [] }],
    [
      "account data of a room",
      "PUT",
      `/v3/user/${user(who)}/rooms/${request()}/account_data/m.note`,
      { body: world.secret },
    ],
    ["a device's name", "PUT", `/v3/devices/${who.deviceId ?? "x"}`, { display_name: world.secret }],
    ["an upload's name", "POST", `/../media/v3/upload?filename=${world.token}`, {}],
    [
      "an upload's name, by id",
      "PUT",
      `/../media/v3/upload/${world.instance.serverName}/abc?filename=${world.token}`,
      {},
    ],
    ["a report", "POST", `/v3/rooms/${request()}/report/$${"a".repeat(43)}`, { reason: world.secret }],
    ["a report of a room", "POST", `/v3/rooms/${request()}/report`, { reason: world.secret }],
    ["a report of a person", "POST", `/v3/users/${user(who)}/report`, { reason: world.secret }],
    [
      "an alias",
      "PUT",
      `/v3/directory/room/${encodeURIComponent(`#${world.token}:${world.instance.serverName}`)}`,
      { room_id: world.room("org.hearth.request") },
    ],
    ["the list of rooms", "PUT", `/v3/directory/list/room/${request()}`, { visibility: "public" }],
    ["presence", "PUT", `/v3/presence/${user(who)}/status`, { presence: "online", status_msg: world.secret }],
    ["a profile", "PUT", `/v3/profile/${user(who)}/displayname`, { displayname: world.secret }],
    [
      "a picture of oneself",
      "PUT",
      `/v3/profile/${user(who)}/avatar_url`,
      { avatar_url: `mxc://a/${world.token}` },
    ],
    [
      "a push rule",
      "PUT",
      `/v3/pushrules/global/content/${world.token}`,
      { pattern: world.secret, actions: ["notify"] },
    ],
    ["a pusher", "POST", "/v3/pushers/set", { kind: "http", app_display_name: world.secret }],
    [
      "a message to a device",
      "PUT",
      `/v3/sendToDevice/org.example.note/1`,
      { messages: { [who.userId]: { "*": { body: world.secret } } } },
    ],
    ["an upgrade", "POST", `/v3/rooms/${request()}/upgrade`, { new_version: "12" }],
    ["a knock", "POST", `/v3/knock/${request()}`, { reason: world.secret }],
    ["a search", "POST", "/v3/search", { search_categories: { room_events: { search_term: world.secret } } }],
    ["a name of another person", "POST", "/v3/user_directory/search", { search_term: world.secret }],
    ["the admin API", "GET", "/../../_synapse/admin/v1/rooms", undefined],
  ];

  it.each(senders)("is refused at the proxy from %s", async (who) => {
    const passed: string[] = [];
    for (const [what, method, path, body] of outside(world.team[who])) {
      const url = new URL(`/_matrix/client${path}`, "http://proxy");
      const answer = await world.team[who]
        .at(world.instance.webUrl)
        .request(method, url.pathname + url.search, body);
      if (answer.status !== 403 || answer.errcode !== "M_FORBIDDEN" || answer.error.length < 20)
        passed.push(`${what}: ${told(answer)}`);
    }
    expect(passed).toEqual([]);
  });

  it.each(senders)(
    "is refused by the homeserver where it can be, for %s inside the proxy: aliases, listing",
    async (who) => {
      const alias = encodeURIComponent(`#yellow:${world.instance.serverName}`);
      const body = { room_id: world.room("org.hearth.request") };
      const named = await world.team[who].request("PUT", `/_matrix/client/v3/directory/room/${alias}`, body);
      expect([400, 403]).toContain(named.status);
      const listed = await world.team[who].request(
        "PUT",
        `/_matrix/client/v3/directory/list/room/${request()}`,
        {
          visibility: "public",
        },
      );
      expect(listed.status).toBe(403);
    },
  );

  it("passes the module's code and sentence through the proxy, for the client to show", async () => {
    const answer = await world.team.staff
      .at(world.instance.webUrl)
      .send(world.room("org.hearth.request"), "m.room.message", { msgtype: "m.text", body: world.secret });
    expect(answer.status).toBe(403);
    expect(answer.errcode).toBe("ORG.HEARTH.PLAINTEXT_REFUSED");
    expect(answer.error).toContain("encrypted");
  });
});
