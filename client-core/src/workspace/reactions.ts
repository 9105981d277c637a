import {
  Access,
  Invite,
  Member,
  Profile,
  Role,
  RosterEvent,
  type RoomId,
  type UserId,
} from "@hearth/protocol";
import { ownPermissions } from "../features/requests/requestListView.ts";
import { tellCannotForget } from "../org/cannotForget.ts";
import { isMember, members } from "../org/org.ts";
import type { Room } from "../rooms/room.ts";
import { requestIn } from "../features/requests/projection.ts";
import { namedIn, type Key, type KeyPattern } from "../store/change.ts";
import type { Reader } from "../store/commit.ts";
import { background } from "./background.ts";
import type { Parts } from "./parts.ts";

const MEMBERS: readonly KeyPattern[] = [`org/${Member.type}/*`, `org/${Role.type}/*`, "org/m.room.create/"];

/**
 * What this device does by itself when something has changed. Each says what it reads, and none counts on another: they
 * may run in any order. What must come before everything else is a guard, and is none of these.
 */
export function reactionsOf(parts: Parts): Reader[] {
  const { session, book, outbox, joiner, roster, access, backupRole, snapshots, lifecycle } = parts;
  const me = session.userId;
  const ownKeys: KeyPattern = `keys/${me}`;
  /** Only once the server has told of every room; what changed before is looked at then. */
  const whenSynced = (reader: Reader): Reader => ({
    ...reader,
    reads: [...reader.reads, "synced"],
    run: (keys) => (parts.arrivals.complete ? reader.run(keys) : undefined),
  });

  return [
    {
      name: "joining where one is invited",
      reads: ["invited", ...MEMBERS],
      run: () => joiner.look(book.org, book.now()),
    },
    {
      name: "sending what waits",
      reads: [
        "room/*/log",
        "room/*/members",
        ...MEMBERS,
        "policy",
        "roster",
        "keys/*",
        "answered",
        "connection",
      ],
      run: (keys) => {
        const isLost = keys.size === 1 && keys.has("connection") && !parts.sync.connection.isConnected;
        if (!isLost) outbox.poke();
      },
    },
    { name: "beginning to send", reads: ["synced"], run: () => outbox.start() },
    { name: "beginning with summaries", reads: ["synced"], run: () => snapshots.start() },
    whenSynced({ name: "serving new devices", reads: ["roster", "keys/*"], run: () => snapshots.look() }),
    { name: "going on with access", reads: ["synced"], run: () => access.start() },
    {
      name: "telling what can't forget",
      reads: ["synced"],
      run: () => book.org && tellCannotForget(session, book.org, parts.ownProfile),
    },
    whenSynced({
      name: "following the role",
      reads: [...ownPermissions(me), "roster", ownKeys],
      run: () => backupRole.tell(),
    }),
    {
      name: "reading the roster",
      reads: [`org/${RosterEvent.type}/*`, "org/m.room.create/"],
      run: () => roster.read(),
    },
    whenSynced({
      name: "looking after the roster",
      reads: [
        ...MEMBERS,
        `org/${Profile.type}/*`,
        `org/${Invite.type}/*`,
        `org/${RosterEvent.type}/*`,
        "time",
        "roster",
        ownKeys,
      ],
      run: () => roster.lookAfter(),
    }),
    whenSynced({ name: "asking own devices", reads: ["roster"], run: () => roster.ownDevices.look() }),
    whenSynced({
      name: "looking after access",
      reads: [...MEMBERS, `org/${Access.type}/*`, "policy", "time", "roster", "grants"],
      run: () => access.look(),
    }),
    {
      name: "looking at identities",
      reads: [...MEMBERS, `org/${Profile.type}/*`, `org/${RosterEvent.type}/*`, "synced"],
      run: () => lookAtIdentities(parts),
    },
    eachChangedRoom("looking whether summaries are wanted", (room) => snapshots.check(room), parts),
    eachChangedRoom("looking at what rooms say in the clear", (room) => lifecycle.check(room), parts),
    eachChangedRoom("asking for a newer build", (room) => askForBuild(room, parts), parts),
    summariesForNewlyListed(parts),
  ];
}

/** Looks at each room that has changed: at those that did before all were known, when all are. */
function eachChangedRoom(name: string, look: (room: Room) => void, parts: Parts): Reader {
  const changed = new Set<string>();
  return {
    name,
    reads: ["room/*/log", "room/*/members", "synced"],
    run: (keys) => {
      for (const pattern of ["room/*/log", "room/*/members"] as const)
        for (const id of namedIn(keys, pattern)) changed.add(id);
      if (!parts.arrivals.complete) return;
      const rooms = [...changed].map((id) => parts.book.rooms.get(id as RoomId));
      changed.clear();
      for (const room of rooms) if (room) look(room);
    },
  };
}

/** Somebody wrote here with a newer version than this one: whether it helps to reload is for our origin to say. */
function askForBuild(room: Room, { session, build }: Parts): void {
  const request = requestIn(room);
  if (!request?.metNewer) return;
  const newer = request.incomplete.filter(({ kind }) => kind === "newer_version");
  const things = newer.map((item) => `${room.roomId} ${"eventId" in item ? item.eventId : ""}`);
  background(session, "asking which build our origin serves", build.met(things));
}

/** Who gets keys from now on learns from summaries what requests say. */
function summariesForNewlyListed({ roster, snapshots, arrivals }: Parts): Reader {
  const listedNow = () => new Set<UserId>(roster.book.roster.current.keys());
  let listed = listedNow();
  return {
    name: "summaries for who is new on the roster",
    reads: ["roster", "synced"],
    run: () => {
      // Who was listed before all rooms were here gets theirs then.
      if (!arrivals.complete) return;
      const before = listed;
      listed = listedNow();
      for (const userId of listed) if (!before.has(userId)) snapshots.wantFor(userId);
    },
  };
}

/** Of the team, and of whoever else is in a request: people are about to be shown, or written to. */
export async function lookAtIdentities({ session, book, roster, devices, commits }: Parts): Promise<void> {
  const { org } = book;
  const now = book.now();
  const current = org ? members(org).filter(({ userId }) => isMember(org, userId, now)) : [];
  const ids = new Set(current.map(({ userId }) => userId));
  for (const room of book.sealed()) for (const { userId } of room.state.people()) ids.add(userId);
  const found = await roster.recipients.look(ids);
  await devices.lookFirst(ids.add(session.userId));
  if (!session.stopped.aborted) commits.tell(found.map((userId): Key => `keys/${userId}`));
}
