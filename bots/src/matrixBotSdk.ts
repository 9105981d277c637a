// The only file that knows matrix-bot-sdk. Its crypto library is replaced by bots/no-crypto: nothing here can decrypt,
// and an appservice's user needs no device, so there is none either. [P2]
import { EventId, RoomId, UserId } from "@hearth/protocol";
import { LogService, MatrixClient, MatrixError } from "matrix-bot-sdk";
import { z } from "zod";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver, RawEvent, SyncBatch } from "./homeserver.ts";

/** The id in the registration file that Synapse reads (synapse-config/appservice.yaml). */
const APPSERVICE_ID = "hearth";
/** Synapse hands out at most this many events of a room in one sync; more are fetched page by page. */
const TIMELINE_LIMIT = 100;

const Event = z.object({
  event_id: EventId,
  type: z.string(),
  sender: UserId,
  origin_server_ts: z.int().min(0),
  content: z.record(z.string(), z.unknown()),
  state_key: z.string().optional(),
});
const Page = z.object({ chunk: z.array(z.unknown()), end: z.string().optional() });
const SyncAnswer = z.object({
  next_batch: z.string(),
  rooms: z
    .object({
      invite: z
        .record(z.string(), z.object({ invite_state: z.object({ events: z.array(z.unknown()) }).optional() }))
        .optional(),
      join: z
        .record(
          z.string(),
          z.object({
            timeline: z
              .object({
                events: z.array(z.unknown()),
                limited: z.boolean().optional(),
                prev_batch: z.string().optional(),
              })
              .optional(),
          }),
        )
        .optional(),
    })
    .optional(),
});
const Stripped = z.object({ type: z.string(), content: z.unknown() });

/** Events that don't parse are left out: the server's own are all well-formed, and the bot needs none of the others. */
function readEvents(raw: readonly unknown[]): RawEvent[] {
  return raw.flatMap((each) => {
    const parsed = Event.safeParse(each);
    return parsed.success ? [parsed.data as RawEvent] : [];
  });
}

function asError(error: unknown): HomeserverError {
  if (error instanceof MatrixError)
    return new HomeserverError(
      error.statusCode,
      error.errcode,
      error.error ?? error.message,
      error.retryAfterMs,
    );
  if (typeof error === "object" && error !== null && "statusCode" in error)
    return new HomeserverError(Number(error.statusCode), "M_UNKNOWN", `HTTP ${String(error.statusCode)}`);
  return new HomeserverError(0, "M_UNKNOWN", error instanceof Error ? error.message : String(error));
}

/**
 * The homeserver as the appservice's own user sees it.
 * @param options.botUserId the appservice's sender, a server admin
 */
export function connectHomeserver(options: {
  readonly url: string;
  readonly asToken: string;
  readonly botUserId: UserId;
}): Homeserver {
  // It writes requests and answers to the log, which may hold an invite's secret. Errors reach our own log anyway.
  LogService.setLogger({ info() {}, warn() {}, error() {}, debug() {}, trace() {} });
  const client = new MatrixClient(options.url, options.asToken);
  const v3 = "/_matrix/client/v3";
  const admin = "/_synapse/admin";
  const part = encodeURIComponent;

  async function ask(
    method: "GET" | "PUT" | "POST" | "DELETE",
    path: string,
    query?: Record<string, string | number>,
    body?: unknown,
    as: MatrixClient = client,
  ): Promise<unknown> {
    try {
      return (await as.doRequest(method, path, query ?? null, body ?? null)) as unknown;
    } catch (error) {
      throw asError(error);
    }
  }

  /** The answer, or undefined for one of these refusals, which mean that it is already so. */
  async function unless<T>(work: Promise<T>, already: (error: HomeserverError) => boolean) {
    try {
      return await work;
    } catch (error) {
      if (error instanceof HomeserverError && already(error)) return undefined;
      throw error;
    }
  }

  const room = (roomId: RoomId) => `${v3}/rooms/${part(roomId)}`;

  async function page(roomId: RoomId, types: readonly string[], from?: string, to?: string) {
    const answer = await ask("GET", `${room(roomId)}/messages`, {
      dir: "b",
      limit: TIMELINE_LIMIT,
      filter: JSON.stringify({ types }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    });
    const parsed = Page.parse(answer);
    return { events: readEvents(parsed.chunk), end: parsed.chunk.length === 0 ? undefined : parsed.end };
  }

  /** What lies between two places, oldest first: the part of a timeline that a sync left out. */
  async function backfill(roomId: RoomId, types: readonly string[], from: string, to: string | undefined) {
    const all: RawEvent[] = [];
    for (let at: string | undefined = from; at !== undefined;) {
      const { events, end } = await page(roomId, types, at, to);
      all.push(...events);
      at = end;
    }
    return all.reverse();
  }

  return {
    userId: options.botUserId,

    async createRoom(body) {
      return z.object({ room_id: RoomId }).parse(await ask("POST", `${v3}/createRoom`, {}, body)).room_id;
    },
    async sendState(roomId, type, stateKey, content) {
      await ask("PUT", `${room(roomId)}/state/${part(type)}/${part(stateKey)}`, {}, content);
    },
    async sendEvent(roomId, type, content, transactionId) {
      await ask("PUT", `${room(roomId)}/send/${part(type)}/${part(transactionId)}`, {}, content);
    },
    async invite(roomId, userId) {
      await ask("POST", `${room(roomId)}/invite`, {}, { user_id: userId });
    },
    async kick(roomId, userId) {
      await ask("POST", `${room(roomId)}/kick`, {}, { user_id: userId });
    },
    async join(roomId) {
      await ask("POST", `${room(roomId)}/join`, {}, {});
    },
    async leave(roomId) {
      await ask("POST", `${room(roomId)}/leave`, {}, {});
    },
    async joinedRooms() {
      const answer = await ask("GET", `${v3}/joined_rooms`);
      return z.object({ joined_rooms: z.array(RoomId) }).parse(answer).joined_rooms;
    },
    async roomState(roomId) {
      return readEvents(z.array(z.unknown()).parse(await ask("GET", `${room(roomId)}/state`)));
    },
    async stateEvent(roomId, type, stateKey) {
      const answer = await unless(
        ask("GET", `${room(roomId)}/state/${part(type)}/${part(stateKey)}`, { format: "event" }),
        (error) => error.status === 404,
      );
      return answer === undefined ? undefined : readEvents([answer])[0];
    },
    async lastEvents(roomId, types, limit) {
      const all: RawEvent[] = [];
      let from: string | undefined;
      do {
        const { events, end } = await page(roomId, types, from);
        all.push(...events);
        from = end;
      } while (from !== undefined && all.length < limit);
      return all.slice(0, limit).reverse();
    },
    async sync(since, types) {
      const nothing = { types: [] };
      const filter = {
        presence: nothing,
        account_data: nothing,
        room: {
          account_data: nothing,
          ephemeral: nothing,
          state: nothing,
          timeline: { types, limit: TIMELINE_LIMIT },
        },
      };
      const answer = SyncAnswer.parse(
        await ask("GET", `${v3}/sync`, {
          timeout: 0,
          filter: JSON.stringify(filter),
          ...(since === undefined ? {} : { since }),
        }),
      );
      const timelines: { roomId: RoomId; events: RawEvent[] }[] = [];
      for (const [id, joined] of Object.entries(answer.rooms?.join ?? {})) {
        const roomId = RoomId.parse(id);
        const timeline = joined.timeline;
        const events = readEvents(timeline?.events ?? []);
        if (timeline?.limited && timeline.prev_batch !== undefined)
          events.unshift(...(await backfill(roomId, types, timeline.prev_batch, since)));
        if (events.length > 0) timelines.push({ roomId, events });
      }
      const invites = Object.entries(answer.rooms?.invite ?? {}).map(([id, invited]) => ({
        roomId: RoomId.parse(id),
        create: createContent(invited.invite_state?.events ?? []),
      }));
      return { next: answer.next_batch, invites, timelines } satisfies SyncBatch;
    },
    async accountData(type) {
      return unless(
        ask("GET", `${v3}/user/${part(options.botUserId)}/account_data/${part(type)}`),
        (error) => error.status === 404,
      );
    },
    async setAccountData(type, content) {
      await ask("PUT", `${v3}/user/${part(options.botUserId)}/account_data/${part(type)}`, {}, content);
    },
    async ping() {
      await ask("POST", `/_matrix/client/v1/appservice/${APPSERVICE_ID}/ping`, {}, {});
    },

    async createRegistrationToken(token, expiresAt) {
      await unless(
        ask(
          "POST",
          `${admin}/v1/registration_tokens/new`,
          {},
          { token, uses_allowed: 1, expiry_time: expiresAt },
        ),
        (error) => error.status === 400 && error.message.includes("already exists"),
      );
    },
    async deleteRegistrationToken(token) {
      await unless(
        ask("DELETE", `${admin}/v1/registration_tokens/${part(token)}`),
        (error) => error.status === 404,
      );
    },
    async deleteRoom(roomId, { purge }) {
      // A room that is gone already can't be found any more, which is as it should be.
      await unless(
        ask("DELETE", `${admin}/v2/rooms/${part(roomId)}`, {}, { purge, block: !purge }),
        (error) => error.status === 404,
      );
    },
    async leaveAs(userId, roomId) {
      // The shortest life that Synapse's clock and ours agree on; the token is used at once and then ended.
      const login = await ask(
        "POST",
        `${admin}/v1/users/${part(userId)}/login`,
        {},
        { valid_until_ms: Date.now() + 60_000 },
      );
      const { access_token } = z.object({ access_token: z.string() }).parse(login);
      const them = new MatrixClient(options.url, access_token);
      try {
        await ask("POST", `${room(roomId)}/leave`, {}, {}, them);
      } finally {
        await ask("POST", `${v3}/logout`, {}, {}, them);
      }
    },
    async membershipsOf(userId) {
      const answer = await ask("GET", `${admin}/v1/users/${part(userId)}/memberships`);
      const parsed = z.object({ memberships: z.record(RoomId, z.string()) }).parse(answer);
      return new Map(Object.entries(parsed.memberships) as [RoomId, string][]);
    },
    async deactivate(userId) {
      await ask("POST", `${admin}/v1/deactivate/${part(userId)}`, {}, { erase: false });
    },
  };
}

function createContent(stripped: readonly unknown[]): unknown {
  for (const each of stripped) {
    const parsed = Stripped.safeParse(each);
    if (parsed.success && parsed.data.type === "m.room.create") return parsed.data.content;
  }
  return undefined;
}
