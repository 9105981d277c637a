import {
  Attributes,
  botRoom,
  DEFAULT_ATTRIBUTES,
  DEFAULT_REQUEST_TYPES,
  DEFAULT_ROLES,
  DEFAULT_TAGS,
  defaultPolicy,
  mapRoom,
  Policy,
  RequestTypes,
  Role,
  Tags,
  toMs,
} from "@hearth/protocol";
import type { OrgId, RoomId, RoomType } from "@hearth/protocol";
import type { Homeserver } from "./homeserver.ts";
import { readOrgState, stateName } from "./org/state.ts";
import type { OrgState } from "./org/state.ts";
import { readRoomHead } from "./rooms/view.ts";
import type { RoomHead } from "./rooms/view.ts";

/** The rooms that the bot made for an org. */
export type OrgRooms = {
  readonly orgRoomId: RoomId;
  readonly adminRoomId: RoomId;
  readonly mapRoomId: RoomId;
};

/** Requests for room states that wait at once: enough to be quick, few enough to leave others room. */
const AT_ONCE = 8;

/** The org's rooms that the bot is in, oldest first. */
export async function findRooms(homeserver: Homeserver, orgId: OrgId): Promise<RoomHead[]> {
  const memberships = await homeserver.memberships();
  const ids = [...memberships].filter(([, membership]) => membership === "join").map(([id]) => id);
  const heads: (RoomHead | undefined)[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE)
    heads.push(
      ...(await Promise.all(
        ids
          .slice(start, start + AT_ONCE)
          .map(async (id) => readRoomHead(id, await homeserver.stateEvent(id, "m.room.create", ""))),
      )),
    );
  return heads
    .filter((head) => head?.orgId === orgId)
    .filter((head) => head !== undefined)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** The state that every org starts with, save what is there: an admin may have changed it, and keeps it. */
export function planOrgState(
  present: OrgState["present"],
  orgName: string,
): { type: string; key: string; content: Readonly<Record<string, unknown>> }[] {
  const start = [
    { type: Policy.type, key: "", content: defaultPolicy(orgName) },
    { type: Attributes.type, key: "", content: DEFAULT_ATTRIBUTES },
    { type: Tags.type, key: "", content: DEFAULT_TAGS },
    { type: RequestTypes.type, key: "", content: DEFAULT_REQUEST_TYPES },
    ...Object.entries(DEFAULT_ROLES).map(([id, { name, groups, everything }]) => ({
      type: Role.type,
      key: id,
      content: Role.schema.parse({
        v: 1,
        name,
        versions: [{ from: 0, groups, ...(everything ? { everything } : {}) }],
      }),
    })),
  ];
  return start.filter(({ type, key }) => !present.has(stateName(type, key)));
}

/**
 * Makes what is missing of an org: its rooms and what it starts with. Doing it again changes nothing; after an
 * interruption it goes on where it stopped.
 * @returns the three rooms, and all that the bot is in
 */
export async function setUpOrg(
  homeserver: Homeserver,
  org: { readonly id: OrgId; readonly name: string },
): Promise<OrgRooms & { rooms: RoomHead[] }> {
  const rooms = await findRooms(homeserver, org.id);
  // Should there be two after an answer that was lost, everybody goes by the oldest.
  const own = (type: RoomType) =>
    rooms.find((room) => room.type === type && room.creator === homeserver.userId)?.id;
  const make = async (body: Parameters<Homeserver["createRoom"]>[0]) => {
    const id = await homeserver.createRoom(body);
    const head = readRoomHead(id, await homeserver.stateEvent(id, "m.room.create", ""));
    if (!head) throw new Error(`room ${id} was made and can't be read`);
    rooms.push(head);
    return id;
  };

  const orgRoomId = own("org.hearth.org") ?? (await make(botRoom({ type: "org.hearth.org", orgId: org.id })));
  const state = readOrgState(await homeserver.roomState(orgRoomId), homeserver.userId);
  for (const { type, key, content } of planOrgState(state.present, org.name))
    await homeserver.sendState(orgRoomId, type, key, content);
  const adminRoomId =
    own("org.hearth.admin") ?? (await make(botRoom({ type: "org.hearth.admin", orgId: org.id })));
  const policy = state.policy ?? defaultPolicy(org.name);
  const mapRoomId =
    own("org.hearth.map") ?? (await make(mapRoom({ orgId: org.id, retentionMs: toMs(policy.retention) })));
  return { orgRoomId, adminRoomId, mapRoomId, rooms };
}
