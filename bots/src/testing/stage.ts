// What people do in a story that is told more than once, to a server in memory: always with the same ids.
import {
  CommandId,
  idFromBytes,
  Invite,
  Member,
  memberStateKey,
  onboardingRoom,
  Profile,
  RoomId,
  sensitiveRoom,
} from "@hearth/protocol";
import type { CommandName, InviteId, RoleId, UserId } from "@hearth/protocol";
import { registrationToken } from "../secrets.ts";
import { emptyServer, HomeserverInMemory } from "./homeserverInMemory.ts";
import type { ServerData } from "./homeserverInMemory.ts";
import { admin, BOT, dispatcher, inviteContent, JOINED, NOW, ORG, responder } from "./org.ts";
import { Supervised } from "./supervised.ts";

/** The token that an invite of this id allows an account with, by the bots of `Supervised`. */
export const tokenFor = (invite: InviteId) => registrationToken("as-token", invite);

export const ORG_ROOM = RoomId.parse("!org-1");
export const ADMIN_ROOM = RoomId.parse("!admin-1");
export const REQUEST = RoomId.parse("!request-1");
export const ONBOARDING = RoomId.parse("!onboarding-1");

export class Stage {
  readonly server: HomeserverInMemory;
  #commands = 0;

  constructor(data: ServerData = emptyServer(NOW)) {
    this.server = new HomeserverInMemory(structuredClone(data));
  }

  /** Gives a command, as a client does. */
  ask(who: UserId, roomId: RoomId, name: CommandName, args: unknown): void {
    this.#commands += 1;
    const id = CommandId.parse(idFromBytes(new Uint8Array(16).fill(this.#commands)));
    this.server.add(who, roomId, "org.hearth.command", { v: 1, id, name, args });
  }

  /** Types a line into the admin room. */
  type(who: UserId, body: string): void {
    this.server.add(who, ADMIN_ROOM, "m.room.message", { msgtype: "m.text", body });
  }

  /** A member whom the bot finds. */
  member(user: UserId, roles: readonly string[]): void {
    const content = { v: 1, joined_at: JOINED, roles: roles.map((role) => ({ role, from: JOINED })) };
    this.server.add(BOT, ORG_ROOM, Member.type, content, memberStateKey(user));
  }

  /** An invite that the bot finds, as the operator makes one. */
  invite(invite: InviteId, roles: readonly (RoleId | string)[]): void {
    const content = inviteContent({ roles, created_by: BOT, expires_at: NOW + 86_400_000 });
    this.server.add(BOT, ORG_ROOM, Invite.type, content, invite);
    this.server.data.tokens.set(tokenFor(invite), NOW + 86_400_000);
  }

  openOnboarding(who: UserId): void {
    this.server.createRoom(who, onboardingRoom({ orgId: ORG, botUserId: BOT }));
  }

  /** Takes the bot's word for being a member: joins, and writes a profile. */
  arrive(who: UserId): void {
    this.server.join(who, ORG_ROOM);
    this.server.add(who, ORG_ROOM, Profile.type, { v: 1, display_name: "Example Person" }, who);
  }

  openRequest(who: UserId): void {
    const body = {
      type: "org.hearth.request",
      orgId: ORG,
      botUserId: BOT,
      retentionMs: 1000,
      invite: [],
    } as const;
    this.server.createRoom(who, sensitiveRoom(body));
  }

  later(milliseconds: number): void {
    this.server.data.now += milliseconds;
  }
}

/** One step of a story; the bot settles after each. */
export type Step = (stage: Stage) => void;

/** An org of three, an admin, a dispatcher and a responder, who are all in their rooms, and the dispatcher's request. */
export async function smallOrg(): Promise<ServerData> {
  const stage = new Stage();
  await new Supervised(stage.server).settle();
  stage.member(admin, ["admin"]);
  stage.member(dispatcher, ["dispatcher"]);
  stage.member(responder, ["responder"]);
  // Started once more, it looks into every room.
  const bots = new Supervised(stage.server);
  await bots.settle();
  for (const user of [admin, dispatcher, responder]) stage.arrive(user);
  stage.server.join(admin, ADMIN_ROOM);
  stage.openRequest(dispatcher);
  await bots.settle();
  stage.server.join(admin, REQUEST);
  await bots.settle();
  return stage.server.data;
}
