import {
  Duty,
  EventId,
  Member,
  memberStateKey,
  Policy,
  Profile,
  Role,
  RoomId,
  SigningKey,
  UserId,
} from "@hearth/protocol";
import { TypedEventEmitter } from "matrix-js-sdk/lib/models/typed-event-emitter.js";
import { initAsync } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { SessionView, Slice, Views } from "../../contract/index.ts";
import type { RecordChange, SignedInSession } from "../../session/api.ts";
import { FromWorkspace } from "../../session/fromWorkspace.ts";
import { PublishedViews } from "../../session/views.ts";
import { MovedClock } from "../../work/movedClock.ts";

export const BOT = UserId.parse("@hearth-bot:hearth.localhost");
export const ME = UserId.parse("@example-me:hearth.localhost");
export const ORG_ROOM = RoomId.parse("!org");
const NOW = 1_790_000_000_000;
const ORG_ID = "example";

type Event = {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly state_key?: string;
};

let count = 0;
const event = (sender: UserId, type: string, content: Record<string, unknown>, stateKey?: string): Event => ({
  event_id: EventId.parse(`$e${++count}`),
  type,
  sender,
  origin_server_ts: NOW - 1_000_000 + count,
  content,
  ...(stateKey === undefined ? {} : { state_key: stateKey }),
});

export const person = (i: number) => UserId.parse(`@example-${i}:hearth.localhost`);
export const requestRoom = (i: number) => RoomId.parse(`!request-${i}`);

export const duty = (userId: UserId, onDuty: boolean) =>
  event(userId, Duty.type, { v: 1, on_duty: onDuty, since: NOW }, userId);
export const member = (userId: UserId, role: string) =>
  event(BOT, Member.type, { v: 1, joined_at: 100, roles: [{ role, from: 100 }] }, memberStateKey(userId));
export const profile = (userId: UserId, name: string) =>
  event(userId, Profile.type, { v: 1, display_name: name }, userId);

/** The organisation's room, with so many people in it besides this one. */
export function orgState(people: number): Event[] {
  const everybody = [ME, ...Array.from({ length: people }, (_, i) => person(i))];
  const role = (id: string, groups: string[]) =>
    event(BOT, Role.type, { v: 1, name: id, versions: [{ from: 0, groups }] }, id);
  return [
    event(BOT, "m.room.create", { type: "org.hearth.org", "org.hearth.org_id": ORG_ID }, ""),
    event(BOT, Policy.type, { ...Policy.example }, ""),
    role("dispatcher", ["manage_requests"]),
    role("responder", ["contribute_to_requests"]),
    ...everybody.flatMap((userId, i) => [
      event(userId, "m.room.member", { membership: "join" }, userId),
      // Somebody opens the requests.
      member(userId, i < 2 ? "dispatcher" : "responder"),
      profile(userId, `Person ${i}`),
    ]),
  ];
}

/** A request's room, with its opening entry: sealed as far as this world seals, which is not at all. */
export function requestEvents(i: number): { readonly state: Event[]; readonly timeline: Event[] } {
  const opener = person(0);
  const joined = (userId: UserId) => event(userId, "m.room.member", { membership: "join" }, userId);
  const opened = sealed(opener, "org.hearth.request.opened", {
    v: 1,
    id: `entry-${i}-`.padEnd(22, "A"),
    device: "EXAMPLE",
    seq: 1,
    at: NOW,
    heads: [],
    display_id: "0101-K7Q",
    fields: { description: `Example request ${i}` },
  });
  return {
    state: [
      event(opener, "m.room.create", { type: "org.hearth.request", "org.hearth.org_id": ORG_ID }, ""),
      joined(opener),
      joined(ME),
    ],
    timeline: [opened],
  };
}

/** An entry as a later version of this client may write it. */
export const newerEntry = (sender: UserId) =>
  sealed(sender, "org.hearth.request.edited", { v: 99, id: `newer-${++count}`.padEnd(22, "A"), seq: 1 });

export const chat = (sender: UserId, body: string) =>
  sealed(sender, "m.room.message", { msgtype: "m.text", body });

function sealed(sender: UserId, type: string, content: Record<string, unknown>): Event {
  const inside = { type, content };
  return event(sender, "m.room.encrypted", { algorithm: "none", session_id: "session", inside });
}

type Rooms = Readonly<
  Record<string, { readonly state?: readonly Event[]; readonly timeline?: readonly Event[] }>
>;

/**
 * A signed-in session without server, disk and keys, which a whole workspace can run on: `answer` is what the homeserver
 * says to the next sync. What is sealed in it anybody can open.
 */
export class FakeWorld {
  readonly views = new PublishedViews();
  readonly told = new FromWorkspace();
  readonly described: Partial<SessionView> = {};
  readonly records = new Map<string, Map<string, unknown>>();
  /** What was asked of the server, besides sync. */
  readonly requests: string[] = [];
  readonly failures: unknown[] = [];
  readonly #clock = new MovedClock();
  /** Which version the origin serves. */
  served: string | undefined;
  readonly #stop = new AbortController();
  readonly #told = new Set<string>();
  #pos = 0;
  #polled = Promise.withResolvers<(answer: unknown) => void>();

  static async make(): Promise<FakeWorld> {
    await initAsync();
    return new FakeWorld();
  }

  stop(): void {
    this.#stop.abort(new DOMException("over", "AbortError"));
  }

  /** @returns when the client has taken it in and asks again */
  async answer(rooms: Rooms, known: number): Promise<void> {
    const answer = await this.#polled.promise;
    this.#polled = Promise.withResolvers();
    answer({
      pos: String(++this.#pos),
      lists: { all: { count: known } },
      extensions: {},
      rooms: Object.fromEntries(
        Object.entries(rooms).map(([roomId, { state = [], timeline = [] }]) => [
          roomId,
          { required_state: state, timeline, initial: this.#isNew(roomId), prev_batch: "before" },
        ]),
      ),
    });
    await this.#clock.passUntil(this.#polled.promise);
  }

  #isNew(roomId: string): boolean {
    const isNew = !this.#told.has(roomId);
    this.#told.add(roomId);
    return isNew;
  }

  get session(): SignedInSession {
    const emitter = new TypedEventEmitter<string, Record<string, () => void>>();
    const client = Object.assign(emitter, {
      getUserId: () => ME,
      getCrypto: () => fakeCrypto,
      startClient: ({ slidingSync }: { slidingSync: { start(): Promise<void> } }) => {
        slidingSync.start().catch((error: unknown) => this.failures.push(error));
        return Promise.resolve();
      },
      stopClient: () => {},
      slidingSync: (_: unknown, __: unknown, signal: AbortSignal) =>
        new Promise((resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
          this.#polled.resolve(resolve);
        }),
    });
    const collection = (name: string) => {
      const known = this.records.get(name) ?? new Map<string, unknown>();
      this.records.set(name, known);
      return known;
    };
    return {
      userId: ME,
      deviceId: "EXAMPLE",
      baseUrl: "http://localhost",
      client,
      storageKind: "memory",
      records: {
        get: (name: string, key: string) => Promise.resolve(collection(name).get(key)),
        all: (name: string) => Promise.resolve([...collection(name)].map(([key, value]) => ({ key, value }))),
        write: (changes: readonly RecordChange[]) => {
          for (const change of changes) {
            if ("remove" in change) collection(change.collection).delete(change.key);
            else collection(change.collection).set(change.key, change.value);
          }
          return Promise.resolve();
        },
      },
      roomKeys: {
        list: () => Promise.resolve([]),
        onArrival: () => () => {},
        delete: () => Promise.resolve(0),
        clearBesides: () => Promise.resolve(0),
      },
      views: this.views,
      request: (method: string, path: string) => {
        this.requests.push(`${method} ${path}`);
        return Promise.resolve({ devices: [], chunk: [], event_id: "$sent" });
      },
      servedVersion: () => {
        this.requests.push("served version");
        return Promise.resolve(this.served);
      },
      keyBackup: {
        roleSays: (entitled: unknown) => this.requests.push(`backup ${String(entitled)}`),
        onRoleLost: () => {},
      },
      rosterKeys: () => Promise.resolve({ pin: "new", publicKey: KEY }),
      rosterRecord: { get: () => Promise.resolve({ v: 1, pin: "new", publicKey: KEY }), onNewKey: () => {} },
      synced: () => {},
      told: this.told,
      describe: (change: Partial<SessionView>) => Object.assign(this.described, change),
      clock: this.#clock,
      stopped: this.#stop.signal,
      now: () => NOW,
      sureTime: () => ({ at: NOW, isDoubted: false, aheadMs: 0, believedInMs: 0 }),
      randomId: () => `random-${++count}`.padEnd(22, "a"),
      log: (level: string, message: string, detail: unknown) => {
        if (level === "error") this.failures.push([message, detail]);
      },
    } as unknown as SignedInSession;
  }

  /** What a person sees, slice by slice. */
  shown(slices: readonly Slice[]): ReadonlyMap<Slice, Views[Slice] | undefined> {
    return new Map(slices.map((slice) => [slice, this.views.latest(slice)]));
  }
}

const KEY = SigningKey.parse("A".repeat(43));

/** Opens what `sealed` has sealed, and knows the same key of everybody. */
const fakeCrypto = {
  decryptEvent: (sealedEvent: { getWireContent(): { inside: { type: string; content: unknown } } }) => {
    const { type, content } = sealedEvent.getWireContent().inside;
    return Promise.resolve({ clearEvent: { type, content } });
  },
  getEncryptionInfoForEvent: () => Promise.resolve({ shieldColour: 0, shieldReason: null }),
  getUserDeviceInfo: (users: string[]) => Promise.resolve(new Map(users.map((user) => [user, new Map()]))),
  getUserVerificationStatus: () =>
    Promise.resolve({
      known: true,
      needsUserApproval: false,
      isCrossSigningVerified: () => false,
      wasCrossSigningVerified: () => false,
    }),
  getCrossSigningKeyId: () => Promise.resolve(null),
  forceDiscardSession: () => Promise.resolve(),
  outgoingRequestsManager: { doProcessOutgoingRequests: () => Promise.resolve() },
  olmMachine: {
    updateTrackedUsers: () => Promise.resolve(),
    getIdentity: () =>
      Promise.resolve({ masterKey: JSON.stringify({ keys: { a: "B".repeat(43) } }), free: () => {} }),
  },
};
