import { ADMIN_POWER, isAdminAt, isMemberAt, MANAGER_POWER, sensitivePowerLevels } from "@hearth/protocol";
import type { AccessState, PowerLevels, RoomType, UserId } from "@hearth/protocol";
import { adminsAt, managesRequestsAt, membersAt } from "../org/state.ts";
import { presentIn } from "./view.ts";
import type { RoomView } from "./view.ts";

/** One thing to do in a room, so that its members and powers are what the org's state says. */
export type RoomWrite =
  | { readonly do: "remove"; readonly user: UserId }
  /** A creator can't be removed by anybody: the bot leaves in their name. */
  | { readonly do: "leave as"; readonly user: UserId }
  | { readonly do: "powers"; readonly content: PowerLevels }
  | { readonly do: "invite"; readonly user: UserId };

/** Who belongs into a room of each type, who is invited without anybody asking, and whether powers are kept in step. */
const RULES: Record<
  Exclude<RoomType, "org.hearth.onboarding">,
  { stays: "members" | "admins"; invited: "members" | "admins" | "nobody"; powers: boolean }
> = {
  "org.hearth.org": { stays: "members", invited: "members", powers: false },
  "org.hearth.admin": { stays: "admins", invited: "admins", powers: false },
  "org.hearth.request": { stays: "members", invited: "admins", powers: true },
  "org.hearth.channel": { stays: "members", invited: "admins", powers: true },
  // Between its people: admins are not invited, and none of them gets power over the other.
  "org.hearth.direct": { stays: "members", invited: "nobody", powers: false },
  // Who is on it is for those who share their location to say.
  "org.hearth.map": { stays: "members", invited: "nobody", powers: true },
};

/**
 * What is to be done in a room so that it agrees with the org's state. Nothing, if it does already: doing the plan
 * and planning again gives an empty one. An onboarding room is not looked at here.
 * @param at milliseconds since 1970
 */
export function planRoom(room: RoomView, org: AccessState, botUserId: UserId, at: number): RoomWrite[] {
  if (room.type === "org.hearth.onboarding") return [];
  const rule = RULES[room.type];
  const writes: RoomWrite[] = [];

  const stays = (user: UserId) =>
    user === botUserId || (rule.stays === "members" ? isMemberAt(org, user, at) : isAdminAt(org, user, at));
  for (const user of presentIn(room).filter((present) => !stays(present)))
    writes.push({ do: room.creators.has(user) ? "leave as" : "remove", user });

  if (rule.powers) {
    const users = powersAt(org, room, at);
    if (!sameRecord(users, room.powers)) writes.push({ do: "powers", content: sensitivePowerLevels(users) });
  }

  const wanted =
    rule.invited === "members" ? membersAt(org, at) : rule.invited === "admins" ? adminsAt(org, at) : [];
  for (const user of wanted) {
    const membership = room.memberships.get(user);
    if (membership === undefined || membership === "leave" || membership === "knock")
      writes.push({ do: "invite", user });
  }
  return writes;
}

/** Admins, and those who may manage or close requests. Creators are above all of it and must not be listed. */
function powersAt(org: AccessState, room: RoomView, at: number): Record<UserId, number> {
  const users: Record<UserId, number> = {};
  for (const user of membersAt(org, at)) {
    if (room.creators.has(user)) continue;
    if (isAdminAt(org, user, at)) users[user] = ADMIN_POWER;
    else if (managesRequestsAt(org, user, at)) users[user] = MANAGER_POWER;
  }
  return users;
}

function sameRecord(left: Readonly<Record<string, unknown>>, right: Readonly<Record<string, unknown>>) {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}
