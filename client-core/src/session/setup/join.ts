import {
  Command,
  CommandId,
  Profile,
  Result,
  ResultContent,
  RoomId,
  UserId,
  idFromBytes,
  inviteProof,
  MasterKey,
  onboardingRoom,
  proofKey,
  readCreateEvent,
  shownSecret,
} from "@hearth/protocol";
import type { CommandRefusal, InviteLink, NewcomerKeys } from "@hearth/protocol";
import type { FailureCode } from "../../contract/index.ts";
import { HttpFailure } from "../api.ts";
import { passwordLogin, registerWithToken } from "../server/auth.ts";
import type { AuthOptions, SignedIn } from "../server/auth.ts";
import { randomBytes } from "../environment.ts";
import { Refusal } from "../failures.ts";
import { RefusedRequest } from "../server/http.ts";
import type { JoinRecord } from "./joinRecord.ts";
import type { LiveSession } from "../live.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import type { Vault } from "../vault.ts";
import { CrossSigningKey } from "../../sdk/names.ts";
import { pause } from "../../work/clock.ts";

export function newJoin(arg: {
  link: InviteLink;
  userName: string;
  displayName: string;
  password: string;
}): JoinRecord {
  return { ...arg, step: "registering", commandId: idFromBytes(randomBytes()) };
}

/**
 * Makes the account, or signs in to it: an earlier attempt may have got through without our hearing of it, and
 * somebody may open the link with the account they already made.
 * @throws Refusal see registerWithToken
 */
export async function registerOrSignIn(
  options: AuthOptions,
  join: JoinRecord,
  onSession: (session: string) => Promise<void>,
): Promise<SignedIn> {
  const { userName, password, link, registration } = join;
  if (password === undefined) throw new Error("a join without a password is past registering");
  try {
    return await registerWithToken(options, {
      userName,
      password,
      token: link.token,
      onSession,
      ...(registration === undefined ? {} : { session: registration }),
    });
  } catch (error) {
    const mayBeOurs = error instanceof Refusal && error.code === "name_taken";
    if (!mayBeOurs) throw error;
    try {
      return await passwordLogin(options, { user: userName, password });
    } catch (second) {
      throw second instanceof Refusal && second.code === "wrong_password" ? error : second;
    }
  }
}

export type MembershipOptions = {
  readonly live: LiveSession;
  readonly vault: Vault;
  readonly signal: AbortSignal;
  readonly onStep: (step: "asking" | "joining", message?: string) => void;
};

/**
 * From a set-up account to a member: shows the invite to the bot, joins the org room, writes the profile.
 * @throws Refusal invite_used, invite_expired, invite_damaged, no_answer (the bot has not answered yet)
 */
export async function becomeMember(options: MembershipOptions): Promise<void> {
  const { vault } = options;
  for (;;) {
    const { join } = vault;
    switch (join?.step) {
      case undefined:
        return;
      case "registering":
      case "asking":
        options.onStep("asking");
        await vault.save({
          join: { ...(await ask(options, join)), step: "joining" },
        });
        break;
      case "joining":
        options.onStep("joining");
        await enterOrg(options, join);
        await vault.save({ join: { ...join, step: "profile" } });
        break;
      case "profile":
        options.onStep("joining");
        await writeProfile(options, join);
        await vault.save({ join: null });
        break;
    }
  }
}

async function ask(options: MembershipOptions, start: JoinRecord): Promise<JoinRecord> {
  const { live, vault, signal } = options;
  const join = await withRoom(options, start);
  const { roomId, commandId, link } = join;
  try {
    await live.request(
      "PUT",
      `${room(roomId)}/send/${Command.type}/${commandId}`,
      {
        v: 1,
        id: CommandId.parse(commandId),
        name: "invite accept",
        args: {
          invite: link.invite,
          secret: shownSecret(link.secret),
          keys: await newcomerKeys(options, link),
        },
      },
      { signal },
    );
    const result = await waitForResult(options, roomId, commandId);
    if (result.ok) {
      const orgRoomId = RoomId.safeParse(result.data?.["org_room"]);
      if (!orgRoomId.success)
        throw new Refusal("unexpected", "The organisation’s bot gave an answer without a room.");
      return { ...join, orgRoomId: orgRoomId.data };
    }
    throw new Refusal(CODES[result.code], result.message);
  } catch (error) {
    if (isGone(error)) {
      // The room was cleared away under us: ask anew in another one, once the person tries again.
      const { roomId: _gone, ...rest } = join;
      await vault.save({ join: { ...rest, commandId: live.randomId() } });
      throw new Refusal("no_answer", "The conversation with the organisation’s bot broke off. Try again.");
    }
    throw error;
  }
}

/** Which keys are this person's, with the proof for whoever made the link: the bot only carries it. */
async function newcomerKeys({ live, vault }: MembershipOptions, link: InviteLink): Promise<NewcomerKeys> {
  const { publicKey } = await vault.ownRoster();
  const masterKey = await cryptoOf(live.client).getCrossSigningKeyId(CrossSigningKey.Master);
  const keys = { master_key: MasterKey.parse(masterKey), signing_key: publicKey };
  const newcomer = { org: link.org, invite: link.invite, user: UserId.parse(live.userId), ...keys };
  return { ...keys, proof: inviteProof(proofKey(link.secret), newcomer) };
}

/** The onboarding room; one that exists already, because the answer to making it was lost, is used. */
async function withRoom(
  { live, vault, signal }: MembershipOptions,
  join: JoinRecord,
): Promise<JoinRecord & { roomId: string }> {
  if (join.roomId !== undefined) return { ...join, roomId: join.roomId };
  const roomId =
    (await findOnboardingRoom(live, join, signal)) ?? (await createOnboardingRoom(live, join, signal));
  const next = { ...join, step: "asking" as const, roomId };
  await vault.save({ join: next });
  return next;
}

async function createOnboardingRoom(
  live: LiveSession,
  join: JoinRecord,
  signal: AbortSignal,
): Promise<string> {
  const body = onboardingRoom({ orgId: join.link.org, botUserId: join.link.bot });
  const { room_id } = await live.request<{ room_id: string }>("POST", "/_matrix/client/v3/createRoom", body, {
    signal,
  });
  return room_id;
}

async function findOnboardingRoom(
  live: LiveSession,
  join: JoinRecord,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { joined_rooms } = await live.request<{ joined_rooms: string[] }>(
    "GET",
    "/_matrix/client/v3/joined_rooms",
    undefined,
    { signal },
  );
  for (const roomId of joined_rooms.slice(0, 20)) {
    const create = readCreateEvent(
      await live.request("GET", `${room(roomId)}/state/m.room.create/`, undefined, { signal }),
    );
    if (create?.type === "org.hearth.onboarding" && create.orgId === join.link.org) return roomId;
  }
  return undefined;
}

/** How long somebody looks at "asking" before being told that it may take longer. */
const ANSWER_WAIT_MS = 60_000;
const FIRST_POLL_MS = 250;
const SLOWEST_POLL_MS = 2_000;

/**
 * Reads the room until the bot's answer stands in it. Not by sync: that would take room keys out of the inbox before
 * the workspace is there to store what comes with them.
 */
async function waitForResult(
  { live, signal, onStep }: MembershipOptions,
  roomId: string,
  commandId: string,
): Promise<ResultContent> {
  const until = live.now() + ANSWER_WAIT_MS;
  const slow = live.now() + ANSWER_WAIT_MS / 6;
  for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, SLOWEST_POLL_MS)) {
    const { chunk } = await live.request<{ chunk: { type: string; sender: string; content: unknown }[] }>(
      "GET",
      `${room(roomId)}/messages?dir=b&limit=50`,
      undefined,
      { signal },
    );
    for (const event of chunk) {
      if (event.type !== Result.type || event.sender === live.userId) continue;
      const content = ResultContent.safeParse(event.content);
      if (content.success && content.data.command_id === commandId) return content.data;
    }
    if (live.now() > until) throw new Refusal("no_answer", NO_ANSWER);
    if (live.now() > slow) onStep("asking", "This takes longer than usual. You can leave this page open.");
    await pause(live.clock, waitMs, signal);
    if (signal.aborted) throw new DOMException("stopped", "AbortError");
  }
}

const NO_ANSWER =
  "The organisation’s bot has not answered yet. Your account is made and nothing is lost: open this page again later.";

async function enterOrg({ live, signal }: MembershipOptions, join: JoinRecord): Promise<void> {
  if (join.orgRoomId === undefined) throw new Error("the org room is not known yet");
  // The SDK's own join would import a bundle of old keys.
  const path = `/_matrix/client/v3/join/${encodeURIComponent(join.orgRoomId)}`;
  await live.request("POST", path, {}, { signal });
}

async function writeProfile({ live, signal }: MembershipOptions, join: JoinRecord): Promise<void> {
  const path = `${room(join.orgRoomId)}/state/${Profile.type}/${encodeURIComponent(UserId.parse(live.userId))}`;
  await live.request("PUT", path, { v: 1, display_name: join.displayName }, { signal });
}

/** The bot's own sentence says which it was (withdrawn, run out, used); the code says what the screen offers. */
const CODES: Readonly<Record<CommandRefusal, FailureCode>> = {
  expired: "invite_expired",
  conflict: "invite_used",
  not_found: "invite_used",
  wrong_secret: "invite_damaged",
  bad_arguments: "invite_damaged",
  not_permitted: "refused",
  unknown_command: "refused",
  wrong_room: "refused",
  last_admin: "refused",
  internal: "refused",
};

export const DAMAGED =
  "This invite link is not complete. Copy all of it, or ask the person who sent it for a new one.";

function isGone(error: unknown): boolean {
  return error instanceof HttpFailure && error instanceof RefusedRequest && [403, 404].includes(error.status);
}

function room(roomId: string | undefined): string {
  return `/_matrix/client/v3/rooms/${encodeURIComponent(roomId ?? "")}`;
}
