import { memberStateKey, onboardingRoom, sensitivePowerLevels, sensitiveRoom } from "@hearth/protocol";
import type { AccessState, CreateRoomBody, OrgId, UserId } from "@hearth/protocol";
import { presentIn } from "./view.ts";
import type { RoomHead, RoomView } from "./view.ts";

/** Whether a room is one of those that clients make for this org. */
function isForUs(head: RoomHead, orgId: OrgId): boolean {
  if (head.orgId !== orgId) return false;
  return ["org.hearth.request", "org.hearth.channel", "org.hearth.direct", "org.hearth.onboarding"].includes(
    head.type,
  );
}

/**
 * Looks at a room that the bot has been invited to.
 * @returns why the bot must not join, as half a sentence for the log; undefined when it may
 */
export function whyNotAdopt(
  room: RoomView,
  org: AccessState,
  orgId: OrgId,
  botUserId: UserId,
): string | undefined {
  if (!isForUs(room, orgId)) return "it is none of this org's";
  if (!room.creators.has(botUserId)) return "the bot is not one of its creators";
  if (room.creators.size !== 2) return "it has more creators than its maker and the bot";
  const template = templateOf(room, orgId, botUserId);
  for (const { type, content } of template.initial_state) {
    const found = room.settings.get(type);
    const same =
      type === "m.room.retention"
        ? Number.isSafeInteger(found?.["max_lifetime"])
        : JSON.stringify(found) === JSON.stringify(content);
    if (!same) return `its ${type} is not the template's`;
  }
  if (room.type === "org.hearth.onboarding") {
    const people = presentIn(room).filter((user) => user !== botUserId);
    return people.length === 1 && people[0] === room.creator
      ? undefined
      : "somebody besides the newcomer is in it";
  }
  if (room.settings.has("m.room.encryption") !== true) return "it is not encrypted";
  const levels = room.settings.get("m.room.power_levels") ?? {};
  for (const [name, expected] of Object.entries(sensitivePowerLevels()))
    if (name !== "users" && !sameJson(levels[name], expected))
      return `its ${name} power is not the template's`;
  // Somebody who was a member once made it then: they are removed from it, and the others keep it.
  return org.members.has(memberStateKey(room.creator)) ? undefined : "its maker was never a member";
}

function templateOf(room: RoomView, orgId: OrgId, botUserId: UserId): CreateRoomBody {
  if (room.type === "org.hearth.onboarding") return onboardingRoom({ orgId, botUserId });
  return sensitiveRoom({
    type: room.type as "org.hearth.request" | "org.hearth.channel" | "org.hearth.direct",
    orgId,
    botUserId,
    retentionMs: 1,
    invite: [],
  });
}

/** Equal as JSON, whatever the order of keys. */
function sameJson(left: unknown, right: unknown): boolean {
  const sorted = (_key: string, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(left, sorted) === JSON.stringify(right, sorted);
}
