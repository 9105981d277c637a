import type { MemberRow, RequestRow, RoomView, TimelineItem, Views } from "@hearth/client-core/contract.ts";
import { Instant, STATUS_LABELS, type RequestStatus } from "@hearth/protocol";

const SERVER = "hearth.localhost";
const MINUTE = 60_000;
const ME = `@demo-dispatcher:${SERVER}`;

function member(localpart: string, name: string, roles: string[], more: Partial<MemberRow> = {}): MemberRow {
  return {
    userId: `@${localpart}:${SERVER}`,
    name,
    colour: "#b5633c",
    roles,
    onDuty: false,
    former: false,
    isMe: false,
    identity: "fine",
    roster: "listed",
    ...more,
  };
}

function row(
  id: string,
  title: string,
  status: RequestStatus,
  minutes: number,
  more: Partial<RequestRow> = {},
): RequestRow {
  return {
    roomId: `!${id}:${SERVER}`,
    displayId: id.toUpperCase(),
    title,
    status,
    statusLabel: STATUS_LABELS[status],
    types: [],
    openedAt: Date.now() - minutes * MINUTE,
    openedBy: "Demo Dispatcher",
    lastActivityAt: Date.now() - (minutes / 3) * MINUTE,
    closed: status === "closed",
    mine: false,
    unread: 0,
    sending: false,
    ...more,
  };
}

function item(
  id: string,
  minutes: number,
  body: TimelineItem["body"],
  more: Partial<TimelineItem> = {},
): TimelineItem {
  return {
    id: `$${id}`,
    at: Date.now() - minutes * MINUTE,
    sender: `@demo-responder-1:${SERVER}`,
    senderName: "Demo Responder One",
    mine: false,
    delivery: { kind: "sent" },
    body,
    ...more,
  };
}
const mine = { sender: ME, senderName: "Demo Dispatcher", mine: true };

function room(base: RequestRow): RoomView {
  return {
    roomId: base.roomId,
    status: "ready",
    request: {
      displayId: base.displayId,
      fields: {
        description: `${base.title}\n\nThe caller stands across the street and can be called back. No vehicle traffic. Somebody brought blankets already.`,
        types: ["mental_health", "first_aid"],
        location: "Corner of Fifth Street and Oak Avenue, by the laundromat",
        caller_name: "Someone from the shop",
        caller_contact: "555 0100",
        call_started: Instant.parse(base.openedAt - 4 * MINUTE),
        priority: "urgent",
        tags: ["crowd"],
      },
      status: base.status,
      statusLabel: base.statusLabel,
      openedBy: "Demo Dispatcher",
      openedAt: base.openedAt,
      ...(base.closed
        ? { closed: { by: "Demo Dispatcher", at: base.lastActivityAt, outcome: "Went home with a friend." } }
        : {}),
      toldBy: "Demo Admin",
      incomplete: [{ kind: "unreadable", eventId: "$x" as never }],
      may: { edit: true, setStatus: true, close: true, reopen: true, addPeople: true },
    },
    people: [
      { userId: ME, name: "Demo Dispatcher", membership: "join", identity: "fine" },
      { userId: `@demo-admin:${SERVER}`, name: "Demo Admin", membership: "join", identity: "fine" },
      {
        userId: `@demo-responder-1:${SERVER}`,
        name: "Demo Responder One",
        membership: "join",
        identity: "fine",
      },
      {
        userId: `@demo-exporter:${SERVER}`,
        name: "Demo Exporter",
        membership: "invite",
        identity: "changed",
      },
    ],
    withheld: [
      {
        userId: `@demo-exporter:${SERVER}`,
        name: "Demo Exporter",
        reason: "Their security identity changed.",
      },
    ],
    timeline: [
      item(
        "1",
        60 * 26,
        { kind: "log", text: "Demo Dispatcher opened the request", entry: { kind: "opened" } },
        mine,
      ),
      item("2", 60 * 26 - 1, { kind: "membership", text: "Demo Responder One joined" }),
      item("3", 58, {
        kind: "message",
        text: "I can be there in ten minutes. Is the caller still on the line?",
      }),
      item("4", 57, { kind: "message", text: "Yes. She says it is calm now, nobody else is close." }, mine),
      item("5", 56, { kind: "message", text: "Good. I take the blankets and the first aid bag with me." }),
      item("6", 55, {
        kind: "log",
        text: "Demo Responder One set the status to On the way",
        entry: { kind: "status", status: "on_the_way" },
      }),
      item("7", 40, {
        kind: "unreadable",
        reason: "The key for this message never came to this device.",
        advice: "Ask its sender to send it again.",
      }),
      item("8", 30, { kind: "refused", reason: "An event of a newer version of Hearth. Reload to update." }),
      item("9", 12, {
        kind: "message",
        text: "Here now. They would like somebody to talk to,\nand a ride afterwards.",
        replyTo: {
          id: "$4",
          senderName: "Demo Dispatcher",
          text: "Yes. She says it is calm now, nobody else is close.",
        },
      }),
      item(
        "10",
        3,
        { kind: "message", text: "A ride is being arranged." },
        { ...mine, delivery: { kind: "queued" } },
      ),
      item(
        "11",
        2,
        { kind: "message", text: "It should come within twenty minutes." },
        { ...mine, delivery: { kind: "failed", message: "The server did not take it.", canRetry: true } },
      ),
    ],
    hasOlder: true,
    firstUnreadId: "$9",
  };
}

/** A made-up org, complete enough to draw every screen. */
export function fakeViews(empty: boolean): Partial<Views> {
  const rows: RequestRow[] = empty
    ? []
    : [
        row("r1", "Person in distress in front of the laundromat", "on_the_way", 64, {
          priority: "urgent",
          unread: 2,
          mine: true,
          location: "Fifth Street and Oak Avenue",
          types: ["Mental health crisis"],
        }),
        row("r2", "Two neighbours shouting at each other, one is afraid to go home", "unassigned", 8, {
          priority: "critical",
          unread: 1,
          location: "Harbour Lane 12, second floor",
        }),
        row("r3", "Somebody asks for help to get to the clinic", "on_site", 180, {
          priority: "non_urgent",
          location: "Market square",
          mine: true,
        }),
        row("r4", "Check on an elder who did not pick up the phone", "finished", 400, {
          location: "Hill Road",
        }),
        row("r5", "", "unassigned", 20, {
          problem: "Not readable yet: waiting for the key.",
          openedBy: "Demo Admin",
        }),
        row("r6", "Child lost at the fair", "closed", 1500),
        row("local-1", "Broken window at the community garden", "unassigned", 1, {
          roomId: "local-1",
          sending: true,
        }),
      ];
  const views: Partial<Views> = {
    session: {
      phase: { kind: "ready" },
      userId: ME,
      deviceId: "ABCDEFGHIJ",
      displayName: "Demo Dispatcher",
      permissions: [
        "administer_requests",
        "edit_request_data",
        "close_requests",
        "invite_to_org",
        "assign_roles",
        "remove_from_org",
        "edit_org_settings",
      ],
      isAdmin: true,
      connection: { kind: "connected" },
      storage: "bucket",
    },
    join: { step: "idle", canResume: false },
    org: {
      orgId: "example",
      name: "Example Crisis Team",
      roles: [
        { id: "admin", name: "Admin", everything: true, groups: [] },
        { id: "dispatcher", name: "Dispatcher", everything: false, groups: ["manage_requests"] },
        { id: "responder", name: "Responder", everything: false, groups: ["contribute_to_requests"] },
        { id: "exporter", name: "Exporter", everything: false, groups: ["export_data"] },
      ],
      requestTypes: [
        { id: "mental_health", category: "Mental health crisis", name: "Panic or distress" },
        { id: "suicide", category: "Mental health crisis", name: "Thoughts of suicide" },
        { id: "first_aid", category: "First aid", name: "Small wound" },
        { id: "fall", category: "First aid", name: "Fall" },
        { id: "noise", category: "Disturbance", name: "Noise" },
      ],
      tags: [
        { id: "crowd", category: "Location", name: "Crowd" },
        { id: "weapon", category: "Location", name: "Weapon present" },
        { id: "blankets", category: "Equipment needed", name: "Blankets" },
      ],
      policy: {
        name: "Example Crisis Team",
        key_block: "P1D",
        key_window: "P14D",
        retention: "P90D",
        lease: "PT72H",
        invite_expiry: "P7D",
        lock_idle: "off",
        lock_wipe_after: "off",
        online_unlock: "off",
        device_storage: "any",
      },
    },
    team: {
      members: [
        member("demo-admin", "Demo Admin", ["admin"], {
          colour: "#3f6fb0",
          onDuty: true,
          dutySince: Date.now() - 90 * MINUTE,
          pronouns: "she/her",
        }),
        member("demo-dispatcher", "Demo Dispatcher", ["dispatcher"], {
          isMe: true,
          colour: "#b5633c",
          onDuty: true,
          dutySince: Date.now() - 200 * MINUTE,
        }),
        member("demo-responder-1", "Demo Responder One", ["responder"], {
          colour: "#3c8f5f",
          onDuty: true,
          dutySince: Date.now() - 30 * MINUTE,
          pronouns: "they/them",
          phone: "555 0101",
          bio: "Street medic, speaks Spanish.",
        }),
        member("demo-responder-2", "Demo Responder Two", ["responder"], { colour: "#8a4fb0" }),
        member("demo-exporter", "Demo Exporter", ["exporter"], { colour: "#a58d3a", identity: "changed" }),
        member("demo-former", "Demo Former", [], { former: true }),
      ],
    },
    requests: { loaded: true, rows },
    outbox: { waiting: 1, failed: 1, items: [] },
    backup: { state: "restoring", restored: 1200, total: 4800 },
    devices: {
      loaded: true,
      hasRecoveryKey: true,
      devices: [
        {
          deviceId: "ABCDEFGHIJ",
          name: "Hearth in Chrome on Linux",
          lastSeenAt: Date.now(),
          isThis: true,
          signed: true,
        },
        {
          deviceId: "KLMNOPQRST",
          name: "Hearth in Safari on iOS",
          lastSeenAt: Date.now() - 5 * 60 * MINUTE,
          isThis: false,
          signed: true,
        },
        {
          deviceId: "UVWXYZABCD",
          name: "Hearth in Firefox",
          lastSeenAt: Date.now() - 3000 * MINUTE,
          isThis: false,
          signed: false,
        },
      ],
    },
    wipes: {
      wishes: [
        {
          userId: "@demo-responder:hearth.localhost",
          mode: "sign_out",
          by: "@demo-admin:hearth.localhost",
          at: Date.now() - 2 * MINUTE,
        },
      ],
      orders: [
        {
          target: "t1",
          userId: "@demo-responder:hearth.localhost",
          deviceId: "KLMNOPQRST",
          mode: "keys",
          by: "@demo-admin:hearth.localhost",
          at: Date.now() - 20 * MINUTE,
          state: "acknowledged",
          counts: true,
        },
        {
          target: "t2",
          userId: "@demo-responder:hearth.localhost",
          deviceId: "UVWXYZABCD",
          mode: "sign_out",
          by: "@demo-admin:hearth.localhost",
          at: Date.now() - 30 * MINUTE,
          state: "unanswered",
          left: "half",
          counts: true,
        },
      ],
    },
    invites: {
      loaded: true,
      invites: [
        {
          inviteId: "inv1",
          roles: ["responder"],
          note: "Demo Newcomer",
          status: "pending",
          createdBy: "Demo Admin",
          createdAt: Date.now() - 60 * MINUTE,
          expiresAt: Date.now() + 6000 * MINUTE,
        },
        {
          inviteId: "inv2",
          roles: ["dispatcher"],
          status: "accepted",
          createdBy: "Demo Admin",
          createdAt: Date.now() - 6000 * MINUTE,
          expiresAt: Date.now() - 100 * MINUTE,
          acceptedBy: "Demo Dispatcher",
        },
        {
          inviteId: "inv3",
          roles: [],
          status: "expired",
          createdBy: "Demo Admin",
          createdAt: Date.now() - 16000 * MINUTE,
          expiresAt: Date.now() - 6000 * MINUTE,
        },
      ],
    },
  };
  for (const each of rows) views[`room:${each.roomId}`] = room(each);
  return views;
}
