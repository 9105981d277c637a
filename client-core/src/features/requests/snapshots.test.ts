import {
  ANYONE_ROLE,
  initialRequest,
  memberStateKey,
  RoomId,
  Snapshot,
  UserId,
  type DeviceId,
  type EventId,
  type FoldedRequest,
} from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Org } from "../../org/org.ts";
import type { OutboxItem, Work } from "../../outbox/items.ts";
import type { Opened } from "../../rooms/decryptor.ts";
import type { Room } from "../../rooms/room.ts";
import type { RecordChange, Records } from "../../session/api.ts";
import { MovedClock } from "../../work/movedClock.ts";
import { requestProjection } from "./projection.ts";
import { Snapshots } from "./snapshots.ts";

const ROOM = RoomId.parse("!request");
const OPENER = UserId.parse("@opener:x.test");
const OTHER = UserId.parse("@other:x.test");
const LATE = [UserId.parse("@late:x.test"), UserId.parse("@later:x.test")] as const;
const org = {
  botUserId: "@bot:x.test",
  access: {
    roles: new Map([[ANYONE_ROLE, { versions: [{ from: 0, everything: true, groups: [] }] }]]),
    members: new Map([OPENER, OTHER, ...LATE].map((id) => [memberStateKey(id), { joined_at: 0, roles: [] }])),
  },
} as unknown as Org;

type Event = { event_id: EventId; type: string; state_key?: string; content: Record<string, unknown> };

/** A homeserver with one request: who is in it, which devices are signed, and for whom each summary was encrypted. */
class Server {
  readonly clock = new MovedClock();
  readonly log: Event[] = [];
  readonly members = new Map<UserId, "invite" | "join" | "leave">();
  readonly signed = new Map<UserId, Set<string>>();
  readonly opened = new Map<EventId, Opened>();
  /** The devices that each summary can be read by. */
  readonly told: { readonly at: number; readonly by: string; readonly devices: ReadonlySet<string> }[] = [];
  readonly clients: Client[] = [];

  constructor() {
    this.push("m.room.create", {});
    this.members.set(OPENER, "join");
    this.members.set(OTHER, "join");
    for (const user of [OPENER, OTHER]) this.signed.set(user, new Set([`of ${user}`]));
    this.tell("opened", OPENER, undefined);
  }

  push(type: string, content: Record<string, unknown>, stateKey?: string): EventId {
    const event_id = `$${this.log.length}` as EventId;
    this.log.push({ event_id, type, content, ...(stateKey === undefined ? {} : { state_key: stateKey }) });
    return event_id;
  }

  tell(type: "opened" | "snapshot", by: string, named: readonly string[] | undefined): void {
    const id = this.push("m.room.encrypted", {});
    const content = { ...Snapshot.example, ...(named ? { for: named } : {}) };
    const name = type === "opened" ? "org.hearth.request.opened" : Snapshot.type;
    this.opened.set(id, { kind: "entry", type: name, content } as unknown as Opened);
    const devices = [...this.members].flatMap(([user, membership]) =>
      membership === "leave" ? [] : [...(this.signed.get(user) ?? [])],
    );
    this.told.push({ at: this.clock.monotonic(), by, devices: new Set(devices) });
  }

  move(user: UserId, membership: "invite" | "join" | "leave"): void {
    this.members.set(user, membership);
    this.push("m.room.member", { membership }, user);
  }

  sign(user: UserId, device: string): void {
    this.signed.set(user, (this.signed.get(user) ?? new Set()).add(device));
    for (const client of this.clients) client.hear([user]);
  }

  revoke(user: UserId, device: string): void {
    this.signed.get(user)?.delete(device);
    for (const client of this.clients) client.hear([user]);
  }

  /** Everybody who is online has all of it. */
  async sync(): Promise<void> {
    for (const client of this.clients) client.check();
    await this.clock.pass(0);
  }
}

/** A colleague's device that can read the request and may write in it. */
class Client {
  readonly #server: Server;
  readonly #user: UserId;
  readonly #records = new Map<string, unknown>();
  #running:
    | {
        snapshots: Snapshots | undefined;
        stop: AbortController;
        listener: ((ids: UserId[]) => void) | undefined;
      }
    | undefined;

  constructor(server: Server, user: UserId) {
    this.#server = server;
    this.#user = user;
    server.clients.push(this);
  }

  hear(users: UserId[]): void {
    this.#running?.listener?.(users);
  }

  check(): void {
    this.#running?.snapshots?.check(this.room);
  }

  async start(): Promise<void> {
    if (this.#running) return;
    const { clock } = this.#server;
    const stop = new AbortController();
    const running = (this.#running = {
      stop,
      snapshots: undefined as Snapshots | undefined,
      listener: undefined as ((ids: UserId[]) => void) | undefined,
    });
    const records = {
      get: (collection: string, key: string) =>
        Promise.resolve(structuredClone(this.#records.get(`${collection} ${key}`))),
      write: (changes: readonly RecordChange[]) => {
        for (const change of changes)
          if ("value" in change)
            this.#records.set(`${change.collection} ${change.key}`, structuredClone(change.value));
        return Promise.resolve();
      },
    } as unknown as Records;
    const snapshots = (running.snapshots = new Snapshots({
      session: {
        userId: this.#user,
        deviceId: `of ${this.#user}` as DeviceId,
        records,
        clock,
        stopped: stop.signal,
        log: () => {},
        randomId: () => "AAAAAAAAAAAAAAAAAAAAAA",
      },
      org: () => org,
      now: () => clock.now(),
      requests: () => [this.room],
      room: () => this.room,
      outbox: {
        inRoom: () => [] as OutboxItem[],
        add: (_: string, works: readonly Work[]) => {
          for (const work of works)
            if (work.kind === "snapshot") this.#server.tell("snapshot", this.#user, work.for);
          return this.#server.sync().then(() => []);
        },
      },
      devices: {
        of: (ids) => Promise.resolve(new Map(ids.map((id) => [id, new Set(this.#server.signed.get(id))]))),
        onChange: (listener) => {
          running.listener = (ids) => listener(ids);
          return () => (running.listener = undefined);
        },
      },
      mayReceive: () => true,
    }));
    await snapshots.start();
    snapshots.check(this.room);
  }

  stop(): void {
    this.#running?.stop.abort();
    this.#running?.snapshots?.dispose();
    this.#running = undefined;
  }

  get room(): Room {
    const { log, opened, members } = this.#server;
    const folded = { opened_by: OPENER, closed: null } as unknown as FoldedRequest;
    return {
      roomId: ROOM,
      log: { events: [...log] },
      openedOf: (id: EventId) => opened.get(id),
      state: {
        membership: (user: UserId) => members.get(user) ?? "leave",
        people: () =>
          [...members].flatMap(([userId, membership]) =>
            membership === "leave" ? [] : [{ userId, membership }],
          ),
      },
      projection: requestProjection,
      projected: { ...initialRequest(), folded },
      digest: { lastActivityAt: 0 },
    } as unknown as Room;
  }
}

type Step =
  | { readonly do: "invite" | "join" | "leave"; readonly who: number }
  | { readonly do: "sign"; readonly who: number; readonly device: string }
  | { readonly do: "revoke"; readonly who: number; readonly device: string }
  | { readonly do: "start" | "stop"; readonly client: number }
  | { readonly do: "wait"; readonly ms: number };

const who = fc.nat({ max: LATE.length - 1 });
const device = fc.constantFrom("phone", "laptop");
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("invite" as const, "join" as const, "leave" as const), who }),
  fc.record({ do: fc.constant("sign" as const), who, device }),
  fc.record({ do: fc.constant("revoke" as const), who, device }),
  fc.record({ do: fc.constantFrom("start" as const, "stop" as const), client: fc.nat({ max: 1 }) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
);

test("whoever is in an open request and signs a device reads it, whatever the order of invite, join, sign-in, signing, wipe and restart", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const server = new Server();
      const clients = [new Client(server, OPENER), new Client(server, OTHER)];
      // Both have been here since it was opened.
      for (const client of clients) await client.start();
      await server.clock.pass(1_000);
      for (const one of steps) {
        if (one.do === "wait") await server.clock.pass(one.ms);
        else if ("client" in one)
          await (one.do === "start" ? clients[one.client]?.start() : clients[one.client]?.stop());
        else {
          const user = LATE[one.who] ?? LATE[0];
          if (one.do === "sign") server.sign(user, `${one.device} of ${user}`);
          else if (one.do === "revoke") server.revoke(user, `${one.device} of ${user}`);
          else if (one.do !== "join" || server.members.get(user) === "invite") server.move(user, one.do);
        }
        await server.sync();
      }
      for (const client of clients) await client.start();
      await server.clock.pass(180_000);
      for (const user of LATE) {
        if ((server.members.get(user) ?? "leave") === "leave") continue;
        for (const signed of server.signed.get(user) ?? [])
          expect(server.told.some(({ devices }) => devices.has(signed))).toBe(true);
      }
      for (const client of clients) client.stop();
    }),
    { numRuns: 60 },
  );
});

test("devices that are signed close together share a summary, and a client writes at most one a minute for such", async () => {
  const server = new Server();
  const client = new Client(server, OPENER);
  await client.start();
  for (const user of LATE) server.move(user, "invite");
  await server.sync();
  await server.clock.pass(30_000);
  const before = server.told.length;
  server.sign(LATE[0], "phone of late");
  server.sign(LATE[1], "phone of later");
  await server.clock.pass(10_000);
  expect(server.told.length).toBe(before + 1);
  expect(server.told.at(-1)?.devices).toContain("phone of later");
  for (let i = 0; i < 10; i += 1) {
    server.sign(LATE[0], `device ${i}`);
    await server.clock.pass(5_000);
  }
  await server.clock.pass(120_000);
  const [first, ...rest] = server.told.slice(before).map(({ at }) => at);
  let last = first ?? 0;
  for (const at of rest) {
    expect(at - last).toBeGreaterThanOrEqual(60_000);
    last = at;
  }
  expect(server.told.at(-1)?.devices).toContain("device 9");
  client.stop();
});
