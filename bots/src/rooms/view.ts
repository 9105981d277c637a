import { CREATE_TYPE, CreateContent, UserId } from "@hearth/protocol";
import type { OrgId, RoomId, RoomType } from "@hearth/protocol";
import type { RawEvent } from "../homeserver.ts";

/** What never changes about a room: all of it stands in its create event. */
export type RoomHead = {
  readonly id: RoomId;
  readonly type: RoomType;
  readonly orgId: OrgId;
  /** Who made it. */
  readonly creator: UserId;
  /** All whose power is infinite: the creator and the additional ones. Never listed in power levels. */
  readonly creators: ReadonlySet<UserId>;
  readonly createdAt: number;
};

/** A room as its state shows it now. */
export type RoomView = RoomHead & {
  /** Membership by user id: join, invite, leave, ban, knock. */
  readonly memberships: ReadonlyMap<UserId, string>;
  /** `users` of the power levels. */
  readonly powers: Readonly<Record<string, unknown>>;
  /** Content by type, of the state whose key is "". */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
};

/** @returns undefined for a room that is none of ours */
export function readRoomHead(id: RoomId, create: RawEvent | undefined): RoomHead | undefined {
  if (create?.type !== CREATE_TYPE) return undefined;
  const parsed = CreateContent.safeParse(create.content);
  if (!parsed.success) return undefined;
  return {
    id,
    type: parsed.data.type,
    orgId: parsed.data["org.hearth.org_id"],
    creator: create.sender,
    creators: new Set([create.sender, ...(parsed.data.additional_creators ?? [])]),
    createdAt: create.origin_server_ts,
  };
}

/** @returns undefined for a room that is none of ours */
export function readRoom(id: RoomId, state: readonly RawEvent[]): RoomView | undefined {
  const head = readRoomHead(
    id,
    state.find((event) => event.type === CREATE_TYPE && event.state_key === ""),
  );
  if (!head) return undefined;
  const memberships = new Map<UserId, string>();
  const settings = new Map<string, Readonly<Record<string, unknown>>>();
  for (const event of state) {
    if (event.type === "m.room.member") {
      const user = UserId.safeParse(event.state_key);
      if (user.success) memberships.set(user.data, String(event.content["membership"]));
    } else if (event.state_key === "") settings.set(event.type, event.content);
  }
  const users = settings.get("m.room.power_levels")?.["users"];
  return {
    ...head,
    memberships,
    settings,
    powers: typeof users === "object" && users !== null ? (users as Record<string, unknown>) : {},
  };
}

/** Who is in the room or invited to it. */
export function presentIn(room: RoomView): UserId[] {
  return [...room.memberships]
    .filter(([, membership]) => membership === "join" || membership === "invite")
    .map(([user]) => user)
    .toSorted();
}
