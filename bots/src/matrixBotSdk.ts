// The only file that knows matrix-bot-sdk. Its crypto library is replaced by bots/no-crypto: nothing here can decrypt,
// and an appservice's user needs no device, so there is none either. [P2]
import { EventId, RoomId, UserId } from "@hearth/protocol";
import { LogService, MatrixClient, MatrixError } from "matrix-bot-sdk";
import { z } from "zod";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver, RawEvent } from "./homeserver.ts";

/** The id in the registration file that Synapse reads (synapse-config/appservice.yaml). */
const APPSERVICE_ID = "hearth";
/** Events asked for at once. */
const PAGE = 50;

const Event = z.object({
  event_id: EventId,
  type: z.string(),
  sender: UserId,
  origin_server_ts: z.int().min(0),
  content: z.record(z.string(), z.unknown()),
  state_key: z.string().optional(),
});
const OwnMedia = z.object({
  media: z.array(z.object({ media_id: z.string() })),
  next_token: z.number().optional(),
});
const AccountData = z.object({
  account_data: z.object({ global: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const Page = z.object({ chunk: z.array(z.unknown()), end: z.string().optional() });
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

  async function page(roomId: RoomId, types: readonly string[], from: string | undefined) {
    const answer = await ask("GET", `${room(roomId)}/messages`, {
      dir: "b",
      limit: PAGE,
      filter: JSON.stringify({ types }),
      ...(from === undefined ? {} : { from }),
    });
    const { chunk, end } = Page.parse(answer);
    return { events: readEvents(chunk), end: chunk.length === 0 ? undefined : end };
  }

  /**
   * Works in somebody's name, without a device, for things that only they may do. Refused for an account that is locked
   * (401) or does not exist (404).
   */
  async function actingAs<T>(userId: UserId, work: (them: MatrixClient) => Promise<T>): Promise<T> {
    if (userId === options.botUserId) return work(client);
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
      return await work(them);
    } finally {
      await ask("POST", `${v3}/logout`, {}, {}, them);
    }
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
    async memberships() {
      const answer = await ask("GET", `${admin}/v1/users/${part(options.botUserId)}/memberships`);
      const parsed = z.object({ memberships: z.record(z.string(), z.string()) }).parse(answer);
      return new Map(
        Object.entries(parsed.memberships).map(([id, membership]) => [RoomId.parse(id), membership]),
      );
    },
    async roomState(roomId) {
      const answer = await ask("GET", `${admin}/v1/rooms/${part(roomId)}/state`);
      return readEvents(z.object({ state: z.array(z.unknown()) }).parse(answer).state);
    },
    async stateEvent(roomId, type, stateKey) {
      const answer = await unless(
        ask("GET", `${room(roomId)}/state/${part(type)}/${part(stateKey)}`, { format: "event" }),
        (error) => error.status === 404,
      );
      return answer === undefined ? undefined : readEvents([answer])[0];
    },
    async eventsBack(roomId, types, enough) {
      const all: RawEvent[] = [];
      let from: string | undefined;
      do {
        const { events, end } = await page(roomId, types, from);
        all.push(...events);
        from = end;
      } while (from !== undefined && !enough(all));
      return all.reverse();
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
        (error) =>
          error.status === 400 &&
          // The second: what was asked for has run out by now, and nobody could use it.
          (error.message.includes("already exists") || error.message.includes("must not be in the past")),
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
    leaveAs: (userId, roomId) =>
      actingAs(userId, async (them) => {
        await ask("POST", `${room(roomId)}/leave`, {}, {}, them);
      }),
    deleteKeyBackups: (userId) =>
      actingAs(userId, async (them) => {
        for (let found = false; ; found = true) {
          const answer = await unless(
            ask("GET", `${v3}/room_keys/version`, {}, undefined, them),
            (error) => error.status === 404,
          );
          if (answer === undefined) return found;
          const { version } = z.object({ version: z.string() }).parse(answer);
          // First its key, under the person's recovery key: cut off after the backup, the next look would find none, and
          // leave the key for ever. Account data can only be emptied.
          const kept = `${v3}/user/${part(userId)}/account_data/m.megolm_backup.v1`;
          if (!found) await ask("PUT", kept, {}, {}, them);
          await unless(
            ask("DELETE", `${v3}/room_keys/version/${part(version)}`, {}, undefined, them),
            (error) => error.status === 404,
          );
        }
      }),
    async emptyServerHalf(userId, deviceId) {
      const type = `org.hearth.unlock.${deviceId}`;
      // Looked at without acting for them: most have none, and for an account that is locked that is all that can be done.
      const answer = await unless(
        ask("GET", `${admin}/v1/users/${part(userId)}/accountdata`),
        (error) => error.status === 404,
      );
      const kept = answer === undefined ? {} : AccountData.parse(answer).account_data.global[type];
      if (Object.keys(kept ?? {}).length === 0) return;
      const half = `${v3}/user/${part(userId)}/account_data/${part(type)}`;
      await actingAs(userId, async (them) => void (await ask("PUT", half, {}, {}, them)));
    },
    async deleteDevice(userId, deviceId) {
      await unless(
        ask("DELETE", `${admin}/v2/users/${part(userId)}/devices/${part(deviceId)}`),
        (error) => error.status === 404,
      );
    },
    async deleteMedia(owner, media) {
      const wanted = new Set(media);
      let from: number | undefined = 0;
      while (from !== undefined && wanted.size > 0) {
        const answer = await ask("GET", `${admin}/v1/users/${part(owner)}/media`, {
          from,
          limit: 100,
          order_by: "created_ts",
          dir: "b",
        });
        const page = OwnMedia.parse(answer);
        for (const { media_id } of page.media) {
          const url = [...wanted].find((each) => each.endsWith(`/${media_id}`));
          if (url === undefined) continue;
          wanted.delete(url);
          await unless(
            ask(
              "DELETE",
              `${admin}/v1/media/${part(url.slice("mxc://".length, url.lastIndexOf("/")))}/${part(media_id)}`,
            ),
            (error) => error.status === 404,
          );
        }
        from = page.next_token;
      }
    },
    async deactivate(userId) {
      await ask("POST", `${admin}/v1/deactivate/${part(userId)}`, {}, { erase: false });
    },
  };
}
