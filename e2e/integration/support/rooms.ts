// One room of each kind, as Hearth makes them: by the templates of @hearth/protocol and through the real createRoom.
import {
  ADMIN_POWER,
  botRoom,
  mapRoom,
  onboardingRoom,
  OrgId,
  sensitivePowerLevels,
  sensitiveRoom,
  UserId,
} from "@hearth/protocol";
import type { CreateRoomBody, RoomType } from "@hearth/protocol";
import { expectOk } from "./rawClient.ts";
import type { RawClient } from "./rawClient.ts";

export interface Team {
  readonly orgId: string;
  readonly bot: RawClient;
  /** Makes the rooms that clients make. */
  readonly staff: RawClient;
  readonly admin: RawClient;
  /** A member like any other. */
  readonly other: RawClient;
}

const retentionMs = 90 * 24 * 3600 * 1000;

/** The template of a kind of room, as its maker sends it. */
export function template(kind: RoomType, team: Team): CreateRoomBody {
  const orgId = OrgId.parse(team.orgId);
  const botUserId = UserId.parse(team.bot.userId);
  switch (kind) {
    case "org.hearth.request":
    case "org.hearth.channel":
    case "org.hearth.direct":
      return sensitiveRoom({
        type: kind,
        orgId,
        botUserId,
        retentionMs,
        invite: [UserId.parse(team.admin.userId), UserId.parse(team.other.userId)],
      });
    case "org.hearth.map":
      return mapRoom({ orgId, retentionMs });
    case "org.hearth.onboarding":
      return onboardingRoom({ orgId, botUserId });
    case "org.hearth.org":
    case "org.hearth.admin":
      return botRoom({ type: kind, orgId });
  }
}

/** Who makes that kind of room. */
export function maker(kind: RoomType, team: Team): RawClient {
  const byBot = kind === "org.hearth.map" || kind === "org.hearth.org" || kind === "org.hearth.admin";
  return byBot ? team.bot : team.staff;
}

/** What the bot writes when it adopts a room: the admin may remove people. */
export function adopted(team: Team): ReturnType<typeof sensitivePowerLevels> {
  return sensitivePowerLevels({ [UserId.parse(team.admin.userId)]: ADMIN_POWER });
}

/** A room of a kind with everybody in it, adopted by the bot. */
export async function settledRoom(kind: RoomType, team: Team): Promise<string> {
  const creator = maker(kind, team);
  const made = await expectOk(creator.createRoom(template(kind, team)));
  const roomId = String(made["room_id"]);
  if (creator !== team.bot) await expectOk(team.bot.join(roomId));
  if (kind === "org.hearth.onboarding") return roomId;
  for (const person of [team.staff, team.admin, team.other]) {
    if (person === creator) continue;
    if (creator === team.bot)
      await expectOk(team.bot.send(roomId, "m.room.member", { membership: "invite" }, person.userId));
    await expectOk(person.join(roomId));
  }
  if (kind !== "org.hearth.org" && kind !== "org.hearth.admin")
    await expectOk(team.bot.send(roomId, "m.room.power_levels", adopted(team), ""));
  return roomId;
}
