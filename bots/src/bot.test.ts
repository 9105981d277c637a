import { botRoom, mapRoom, RoomId, type RoomType } from "@hearth/protocol";
import { expect, test } from "vitest";
import { createBot } from "./bot.ts";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver, RawEvent } from "./homeserver.ts";
import { createLog } from "./log.ts";
import { admin, BOT, dispatcher, event, NOW, ORG, orgEvents, roomEvents } from "./testing/org.ts";

const REQUEST = RoomId.parse("!request");

/** A homeserver with an org that is set up, and a request to which the bot is invited: only what it is asked for here. */
function world() {
  const made = (type: RoomType, { creation_content }: { creation_content: object }): [RoomId, RawEvent[]] => [
    RoomId.parse(`!${type}`),
    [event(BOT, "m.room.create", { ...creation_content, room_version: "12" }, { key: "" })],
  ];
  const rooms = new Map([
    made("org.hearth.org", botRoom({ type: "org.hearth.org", orgId: ORG })),
    made("org.hearth.admin", botRoom({ type: "org.hearth.admin", orgId: ORG })),
    made("org.hearth.map", mapRoom({ orgId: ORG, retentionMs: 1000 })),
  ]);
  rooms.get(RoomId.parse("!org.hearth.org"))?.push(...orgEvents());
  const memberships = new Map([...rooms.keys()].map((id): [RoomId, string] => [id, "join"]));
  rooms.set(REQUEST, roomEvents("org.hearth.request", dispatcher, { [dispatcher]: "join", [BOT]: "invite" }));
  memberships.set(REQUEST, "invite");

  const invited: string[] = [];
  const lost: { join: boolean; state: boolean } = { join: false, state: false };
  const unanswered = () => new HomeserverError(0, "M_UNKNOWN", "no answer");
  const homeserver: Partial<Homeserver> = {
    userId: BOT,
    memberships: () => Promise.resolve(memberships),
    stateEvent: (id, type) => Promise.resolve(rooms.get(id)?.find((each) => each.type === type)),
    roomState(id) {
      if (id === REQUEST && lost.state && memberships.get(id) === "join") {
        lost.state = false;
        return Promise.reject(unanswered());
      }
      return Promise.resolve(rooms.get(id) ?? []);
    },
    eventsBack: () => Promise.resolve([]),
    accountData: () => Promise.resolve(undefined),
    setAccountData: () => Promise.resolve(),
    sendState: () => Promise.resolve(),
    join(id) {
      memberships.set(id, "join");
      return lost.join ? Promise.reject(unanswered()) : Promise.resolve();
    },
    invite(id, userId) {
      if (id === REQUEST) invited.push(userId);
      return Promise.resolve();
    },
    deleteKeyBackups: () => Promise.resolve(false),
  };
  const bot = createBot({
    homeserver: homeserver as Homeserver,
    org: { id: ORG, name: "Team" },
    asToken: "",
    webUrl: "",
    shortTimes: false,
    clock: () => NOW,
    log: createLog(
      () => {},
      () => NOW,
    ),
  });
  return { bot, lost, invited };
}

test.each(["join", "state"] as const)(
  "a request is looked after although an answer was lost while the bot joined it: %s",
  async (which) => {
    const { bot, lost, invited } = world();
    lost[which] = true;
    await bot.start();
    await expect(bot.step()).rejects.toThrow("no answer");
    expect(invited).toEqual([]);
    await bot.step();
    expect(invited).toEqual([admin]);
    await bot.step();
    expect(invited).toEqual([admin]);
  },
);
