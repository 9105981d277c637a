// People who talk to the bot, as their clients do: by events, and waiting for what the bot answers.
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  idFromBytes,
  onboardingRoom,
  OrgId,
  parseInviteLink,
  sensitiveRoom,
  shownSecret,
  UserId,
} from "@hearth/protocol";
import type { CommandName } from "@hearth/protocol";
import { expectOk } from "./rawClient.ts";
import type { RawClient } from "./rawClient.ts";

export interface TimelineEvent {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly state_key?: string;
  readonly origin_server_ts: number;
  readonly content: Record<string, unknown>;
}

export interface BotAnswer {
  readonly ok: boolean;
  readonly code?: string;
  readonly message?: string;
  readonly data?: Record<string, unknown>;
}

/** A random id of the kind that commands and invites have. */
export const newId = () => idFromBytes(randomBytes(16));

/** A link's secret, what it shows of itself to the bot, and the hash that the org keeps of that. */
export function newSecret(): { linkSecret: string; secret: string; secret_hash: string } {
  const linkSecret = randomBytes(32).toString("base64url");
  const secret = shownSecret(linkSecret);
  return { linkSecret, secret, secret_hash: createHash("sha256").update(secret).digest("base64url") };
}

const room = (roomId: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;

/** All of a room's timeline that somebody may see, in the server's order. */
export async function timeline(who: RawClient, roomId: string): Promise<TimelineEvent[]> {
  const all: TimelineEvent[] = [];
  for (let from = ""; ;) {
    const page = await expectOk(who.request("GET", `${room(roomId)}/messages?dir=f&limit=200${from}`));
    const chunk = page["chunk"] as TimelineEvent[];
    all.push(...chunk);
    const end = page["end"];
    if (chunk.length === 0 || typeof end !== "string") return all;
    from = `&from=${encodeURIComponent(end)}`;
  }
}

/** A room's state by the admin API, whether or not the bot is in it. */
export async function stateOf(bot: RawClient, roomId: string): Promise<TimelineEvent[]> {
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/state`;
  return (await expectOk(bot.request("GET", path)))["state"] as TimelineEvent[];
}

export async function stateContent(
  bot: RawClient,
  roomId: string,
  type: string,
  key: string,
): Promise<Record<string, unknown> | undefined> {
  return (await stateOf(bot, roomId)).find((event) => event.type === type && event.state_key === key)
    ?.content;
}

export async function membership(
  bot: RawClient,
  roomId: string,
  userId: string,
): Promise<string | undefined> {
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/state`;
  const answer = await bot.request("GET", path);
  // Nobody is in a room that is gone: those of newcomers are purged a minute after they were closed.
  if (answer.status === 404) return undefined;
  const { state } = (await expectOk(Promise.resolve(answer))) as { state: TimelineEvent[] };
  return state.find(({ type, state_key }) => type === "m.room.member" && state_key === userId)?.content[
    "membership"
  ] as string | undefined;
}

/** Sends a command and gives the id of its event. */
export async function command(
  who: RawClient,
  roomId: string,
  name: CommandName | (string & {}),
  args: Readonly<Record<string, unknown>>,
  id: string = newId(),
): Promise<string> {
  const sent = await expectOk(who.send(roomId, "org.hearth.command", { v: 1, id, name, args }));
  return String(sent["event_id"]);
}

/** The bot's answers to an event: more than one would be a mistake. */
export async function answersTo(who: RawClient, roomId: string, eventId: string): Promise<TimelineEvent[]> {
  const path = `/_matrix/client/v1/rooms/${encodeURIComponent(roomId)}/relations/${encodeURIComponent(eventId)}/m.reference`;
  return (await expectOk(who.request("GET", path)))["chunk"] as TimelineEvent[];
}

export async function answerTo(who: RawClient, roomId: string, eventId: string): Promise<TimelineEvent> {
  // Asked often: what takes long in these tests is waiting for answers.
  for (const end = Date.now() + 150_000; Date.now() < end; await sleep(25)) {
    const [answer] = await answersTo(who, roomId, eventId);
    if (answer) return answer;
  }
  throw new Error(`no answer to ${eventId}`);
}

/** Gives a command and waits for what the bot says. */
export async function ask(
  who: RawClient,
  roomId: string,
  name: CommandName | (string & {}),
  args: Readonly<Record<string, unknown>>,
): Promise<BotAnswer> {
  const answer = await answerTo(who, roomId, await command(who, roomId, name, args));
  return answer.content as unknown as BotAnswer;
}

/** Types a line into the admin room and waits for what the bot says. */
export async function type(who: RawClient, roomId: string, body: string): Promise<string> {
  const sent = await expectOk(who.send(roomId, "m.room.message", { msgtype: "m.text", body }));
  const answer = await answerTo(who, roomId, String(sent["event_id"]));
  return String(answer.content["body"]);
}

/** Makes an onboarding room and waits until the bot is in it. */
export async function openOnboarding(who: RawClient, orgId: string, botUserId: string): Promise<string> {
  const body = onboardingRoom({ orgId: OrgId.parse(orgId), botUserId: UserId.parse(botUserId) });
  return String((await expectOk(who.createRoom(body)))["room_id"]);
}

/** Comes to the org by an invite link, up to the profile. Gives the onboarding room. */
export async function joinByLink(who: RawClient, link: string): Promise<string> {
  const parsed = parseInviteLink(link);
  if (!parsed) throw new Error(`not an invite link: ${link}`);
  const roomId = await openOnboarding(who, parsed.org, parsed.bot);
  const answer = await ask(who, roomId, "invite accept", {
    invite: parsed.invite,
    secret: shownSecret(parsed.secret),
  });
  if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
  const orgRoomId = String(answer.data?.["org_room"]);
  await expectOk(who.join(orgRoomId));
  await expectOk(who.send(orgRoomId, "org.hearth.profile", { v: 1, display_name: who.userId }, who.userId));
  return roomId;
}

/** Makes a request room as a client does. */
export async function openRequest(who: RawClient, orgId: string, botUserId: string): Promise<string> {
  const body = sensitiveRoom({
    type: "org.hearth.request",
    orgId: OrgId.parse(orgId),
    botUserId: UserId.parse(botUserId),
    retentionMs: 90 * 86_400_000,
    invite: [],
  });
  return String((await expectOk(who.createRoom(body)))["room_id"]);
}
