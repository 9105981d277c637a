// Stands in for Synapse in unit tests: what the bot asks of it, answered from memory. It holds what the bot relies on:
// who may invite, join and leave, one event per transaction, rooms that are gone. What Synapse itself makes of all that
// is tested in e2e/integration.
import { EventId, RoomId } from "@hearth/protocol";
import type { CreateRoomBody, DeviceId, UserId } from "@hearth/protocol";
import { HomeserverError } from "../homeserver.ts";
import type { Homeserver, RawEvent } from "../homeserver.ts";

export type ServerRoom = {
  /** By `type key`. */
  readonly state: Map<string, RawEvent>;
  /** Every event, in the server's order. */
  readonly timeline: RawEvent[];
  blocked: boolean;
};

/** All that the server keeps: plain data, so that a test can copy it and go on from there more than once. */
export type ServerData = {
  now: number;
  /** Events by their sender: so that what people say has the same ids however often the bot writes. */
  readonly counted: Map<UserId, number>;
  readonly rooms: Map<RoomId, ServerRoom>;
  readonly accountData: Map<string, unknown>;
  /** When each registration token runs out. */
  readonly tokens: Map<string, number>;
  /** Versions of the key backup, and whether account data still holds its key. */
  readonly backups: Map<UserId, { versions: number; key: boolean }>;
  readonly devices: Map<UserId, Set<DeviceId>>;
  /** The servers' halves of root keys that are not empty, as `user device`. */
  readonly halves: Set<string>;
  readonly media: Map<UserId, Set<string>>;
  readonly ended: Set<UserId>;
  readonly transactions: Set<string>;
};

export const emptyServer = (now: number): ServerData => ({
  now,
  counted: new Map(),
  rooms: new Map(),
  accountData: new Map(),
  tokens: new Map(),
  backups: new Map(),
  devices: new Map(),
  halves: new Set(),
  media: new Map(),
  ended: new Set(),
  transactions: new Set(),
});

/** Called around each single write: one request of the real client's that changes something. */
export type Write = <T>(what: string, apply: () => T) => Promise<T>;

const PAGE = 50;

const refused = (message: string) => new HomeserverError(403, "M_FORBIDDEN", message);

/** What people and the server do; the bot has `homeserverFor`. */
export class HomeserverInMemory {
  readonly data: ServerData;

  constructor(data: ServerData) {
    this.data = data;
  }

  room(roomId: RoomId): ServerRoom {
    const room = this.data.rooms.get(roomId);
    if (!room) throw new HomeserverError(404, "M_NOT_FOUND", `no room ${roomId}`);
    return room;
  }

  membership(roomId: RoomId, user: UserId): string | undefined {
    const event = this.data.rooms.get(roomId)?.state.get(`m.room.member ${user}`);
    return event && String(event.content["membership"]);
  }

  add(
    sender: UserId,
    roomId: RoomId,
    type: string,
    content: Readonly<Record<string, unknown>>,
    key?: string,
  ): RawEvent {
    const room = this.room(roomId);
    if (type !== "m.room.create" && type !== "m.room.member" && this.membership(roomId, sender) !== "join")
      throw refused(`${sender} is not in ${roomId}`);
    const count = (this.data.counted.get(sender) ?? 0) + 1;
    this.data.counted.set(sender, count);
    const event: RawEvent = {
      event_id: EventId.parse(`$${sender.slice(1, sender.indexOf(":"))}-${count}`),
      type,
      sender,
      origin_server_ts: this.data.now,
      content: structuredClone(content),
      ...(key === undefined ? {} : { state_key: key }),
    };
    room.timeline.push(event);
    if (key !== undefined) room.state.set(`${type} ${key}`, event);
    return event;
  }

  createRoom(creator: UserId, body: CreateRoomBody): RoomId {
    const type = body.creation_content.type.replace("org.hearth.", "");
    const made = [...this.data.rooms.keys()].filter((id) => id.startsWith(`!${type}-`)).length;
    const id = RoomId.parse(`!${type}-${made + 1}`);
    this.data.rooms.set(id, { state: new Map(), timeline: [], blocked: false });
    this.add(creator, id, "m.room.create", { ...body.creation_content, room_version: body.room_version }, "");
    this.add(creator, id, "m.room.member", { membership: "join" }, creator);
    const levels = { ...body.power_level_content_override, historical: 100 };
    this.add(creator, id, "m.room.power_levels", levels, "");
    for (const each of body.initial_state) this.add(creator, id, each.type, each.content, each.state_key);
    for (const user of body.invite) this.invite(creator, id, user);
    return id;
  }

  invite(sender: UserId, roomId: RoomId, user: UserId): void {
    if (this.membership(roomId, user) === "join") throw refused(`${user} is in ${roomId} already`);
    if (this.data.ended.has(user)) throw refused(`${user} has ended`);
    this.add(sender, roomId, "m.room.member", { membership: "invite" }, user);
  }

  join(user: UserId, roomId: RoomId): void {
    const before = this.membership(roomId, user);
    if (this.room(roomId).blocked || (before !== "invite" && before !== "join"))
      throw refused(`${user} is not invited to ${roomId}`);
    if (before === "invite") this.add(user, roomId, "m.room.member", { membership: "join" }, user);
  }

  leave(sender: UserId, roomId: RoomId, user: UserId): void {
    const before = this.membership(roomId, user);
    if (before !== "invite" && before !== "join") throw refused(`${user} is not in ${roomId}`);
    this.add(sender, roomId, "m.room.member", { membership: "leave" }, user);
  }

  everybodyLeaves(roomId: RoomId, sender: UserId): void {
    for (const { type, state_key, content } of this.room(roomId).state.values())
      if (
        type === "m.room.member" &&
        (content["membership"] === "join" || content["membership"] === "invite")
      )
        this.leave(sender, roomId, state_key as UserId);
  }
}

/** The server as the bot sees it; `write` is told of each thing that would change it, before that happens. */
export function homeserverFor(server: HomeserverInMemory, bot: UserId, write: Write): Homeserver {
  const { data } = server;

  /** As the real one does it: a sign-in in their name, the work, and a sign-out. */
  async function actingAs<T>(user: UserId, work: () => Promise<T>): Promise<T> {
    await write(`sign in as ${user}`, () => {
      if (data.ended.has(user)) throw refused(`${user} has ended`);
    });
    try {
      return await work();
    } finally {
      await write(`sign out as ${user}`, () => {});
    }
  }

  return {
    userId: bot,
    createRoom: (body) => write(`create ${body.creation_content.type}`, () => server.createRoom(bot, body)),
    sendState: (roomId, type, key, content) =>
      write(`state ${type} ${key}`, () => void server.add(bot, roomId, type, content, key)),
    sendEvent: (roomId, type, content, transactionId) =>
      write(`send ${type}`, () => {
        const transaction = `${roomId} ${type} ${transactionId}`;
        if (data.transactions.has(transaction)) return;
        server.add(bot, roomId, type, content);
        data.transactions.add(transaction);
      }),
    invite: (roomId, user) => write(`invite ${user}`, () => server.invite(bot, roomId, user)),
    kick: (roomId, user) => write(`kick ${user}`, () => server.leave(bot, roomId, user)),
    join: (roomId) => write(`join ${roomId}`, () => server.join(bot, roomId)),
    leave: (roomId) => write(`leave ${roomId}`, () => server.leave(bot, roomId, bot)),
    memberships: async () =>
      new Map(
        [...data.rooms.keys()].flatMap((id): [RoomId, string][] => {
          const membership = server.membership(id, bot);
          return membership === undefined ? [] : [[id, membership]];
        }),
      ),
    roomState: async (roomId) => [...server.room(roomId).state.values()],
    stateEvent: async (roomId, type, key) => data.rooms.get(roomId)?.state.get(`${type} ${key}`),
    async eventsBack(roomId, types, enough) {
      const all = server.room(roomId).timeline.filter(({ type }) => types.includes(type));
      const newestFirst = all.toReversed();
      let asked = PAGE;
      while (asked < newestFirst.length && !enough(newestFirst.slice(0, asked))) asked += PAGE;
      return newestFirst.slice(0, asked).toReversed();
    },
    accountData: async (type) => structuredClone(data.accountData.get(type)),
    setAccountData: (type, content) =>
      write(`account data ${type}`, () => void data.accountData.set(type, structuredClone(content))),
    ping: () => Promise.resolve(),
    createRegistrationToken: (token, expiresAt) =>
      write(`token ${token}`, () => {
        if (!data.tokens.has(token) && expiresAt > data.now) data.tokens.set(token, expiresAt);
      }),
    deleteRegistrationToken: (token) => write(`no token ${token}`, () => void data.tokens.delete(token)),
    deleteRoom: (roomId, { purge }) =>
      write(`${purge ? "purge" : "close"} ${roomId}`, () => {
        const room = data.rooms.get(roomId);
        if (!room) return;
        server.everybodyLeaves(roomId, bot);
        if (purge) data.rooms.delete(roomId);
        else room.blocked = true;
      }),
    leaveAs: (user, roomId) =>
      actingAs(user, () => write(`leave as ${user}`, () => server.leave(user, roomId, user))),
    deleteKeyBackups: (user) =>
      actingAs(user, async () => {
        const backup = data.backups.get(user);
        let found = false;
        while (backup && backup.versions > 0) {
          if (!found) await write(`empty the backup key of ${user}`, () => void (backup.key = false));
          found = true;
          await write(`delete a backup of ${user}`, () => void (backup.versions -= 1));
        }
        return found;
      }),
    async emptyServerHalf(user, device) {
      const half = `${user} ${device}`;
      if (!data.halves.has(half)) return;
      await actingAs(user, () => write(`empty ${half}`, () => void data.halves.delete(half)));
    },
    deleteDevice: (user, device) => write(`end ${device}`, () => void data.devices.get(user)?.delete(device)),
    async deleteMedia(owner, media) {
      for (const each of media)
        if (data.media.get(owner)?.has(each))
          await write(`delete ${each}`, () => void data.media.get(owner)?.delete(each));
    },
    deactivate: (user) =>
      write(`deactivate ${user}`, () => {
        data.ended.add(user);
        data.devices.delete(user);
        for (const roomId of data.rooms.keys())
          if (["join", "invite"].includes(server.membership(roomId, user) ?? ""))
            server.leave(user, roomId, user);
      }),
  };
}
