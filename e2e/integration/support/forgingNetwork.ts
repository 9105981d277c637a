type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export type ForgedEvent = {
  readonly type: string;
  readonly state_key: string;
  readonly sender: string;
  readonly content: Readonly<Record<string, unknown>>;
};

/** A room as sync shows it. */
type SyncedRoom = { required_state?: Record<string, unknown>[]; initial?: boolean };
type Synced = {
  lists?: Record<string, unknown>;
  rooms?: Record<string, SyncedRoom>;
  extensions?: { e2ee?: { device_lists?: { changed?: string[] } } };
};

/** One-time keys by user and device: what `/keys/claim` is asked for and answers. */
type Claimed = { one_time_keys: Record<string, Record<string, unknown>> };

/** A message between devices as the server has it. */
export type Passed = { readonly userId: string; readonly deviceId: string; readonly content: unknown };

/** What `/keys/query` answers. */
export type QueriedKeys = {
  device_keys: Record<string, Record<string, unknown>>;
  master_keys?: Record<string, unknown>;
  self_signing_keys?: Record<string, unknown>;
  user_signing_keys?: Record<string, unknown>;
};

const PATHS = [
  ["/org.matrix.simplified_msc3575/sync", "sync"],
  ["/keys/query", "query"],
  ["/keys/claim", "claim"],
] as const;

/**
 * A homeserver that lies to one client: it puts state of its own making into the rooms that sync shows, and keys of its
 * own making into what it says of people's devices. What the client sends passes unchanged, and for whom encrypted
 * messages to devices were meant is noted.
 */
export class ForgingNetwork {
  /** What to put into a room, told from its true state; asked for each room of each answer. */
  forge: (roomId: string, state: readonly Record<string, unknown>[]) => readonly ForgedEvent[] = () => [];
  /** What to make of the answer to a query for keys; changes it in place. */
  forgeKeys: (answer: QueriedKeys) => void = () => {};
  /** As `forgeKeys`, for the answer to a claim of one-time keys. */
  forgeClaim: (answer: Claimed) => void = () => {};
  /** What the server waits for before it takes this request. */
  holds: (pathname: string, body: string) => Promise<void> | undefined = () => undefined;
  /** What this says yes to the server claims not to have. */
  withholds: (pathname: string) => boolean = () => false;
  /** One-time keys of devices that the server made up, by user and device. */
  readonly oneTimeKeys = new Map<string, unknown>();
  /** People whose devices the next answer to sync calls changed. */
  readonly #changed = new Set<string>();
  /** Everybody whom an encrypted message was sent to, as `@user:server device`. */
  readonly addressed = new Set<string>();
  /** Every encrypted message between devices that the client sent. */
  readonly passed: Passed[] = [];
  /** Every encrypted event that it sent to a room, as its content. */
  readonly events: Readonly<Record<string, unknown>>[] = [];
  #lists: Record<string, unknown> = {};
  #wake: (() => void) | undefined;
  readonly #asked = new Set<(users: readonly string[]) => void>();
  #count = 0;

  readonly fetch: Fetch = async (url, init) => {
    const { pathname, searchParams } = new URL(url);
    const sent = typeof init?.body === "string" ? init.body : "";
    if (pathname.endsWith("/keys/query"))
      for (const hear of this.#asked)
        hear(Object.keys((JSON.parse(sent) as { device_keys: object }).device_keys));
    await this.holds(pathname, sent);
    if (pathname.includes("/sendToDevice/m.room.encrypted/")) this.#note(sent);
    if (pathname.includes("/send/m.room.encrypted/"))
      this.events.push(JSON.parse(sent) as Readonly<Record<string, unknown>>);
    if ((init?.method ?? "GET") === "GET" && this.withholds(pathname))
      return Response.json({ errcode: "M_NOT_FOUND", error: "not found" }, { status: 404 });
    const pos = searchParams.get("pos");
    const answer =
      pathname.endsWith("/sync") && pos !== null
        ? await this.#unlessWoken(fetch(url, init), pos)
        : await fetch(url, init);
    const forge = PATHS.find(([end]) => pathname.endsWith(end))?.[1];
    if (!forge || !answer.ok) return answer;
    const body = this[forge]((await answer.json()) as never, init?.body);
    return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
  };

  /** Makes the client ask for somebody's devices and identity anew, at once. */
  saysChanged(userId: string): void {
    this.#changed.add(userId);
    this.#wake?.();
  }

  /** Resolves when the client has taken in what the server says of this person's keys from now on. */
  async tells(userId: string): Promise<void> {
    // It asks again only when it has taken in the answer before.
    for (let times = 0; times < 2; times += 1) {
      const asked = new Promise<void>((resolve) => {
        const hear = (users: readonly string[]) => {
          if (!users.includes(userId)) return;
          this.#asked.delete(hear);
          resolve();
        };
        this.#asked.add(hear);
      });
      this.saysChanged(userId);
      await asked;
    }
  }

  /** The Curve25519 keys that messages between devices were encrypted for. */
  sealedFor(): Set<string> {
    return new Set(
      this.passed.flatMap(({ content }) => Object.keys((content as { ciphertext: object }).ciphertext)),
    );
  }

  /** A sync that waits for news need not wait when the server has something to lie about. */
  async #unlessWoken(answer: Promise<Response>, pos: string): Promise<Response> {
    const { promise: woken, resolve } = Promise.withResolvers<Response>();
    const wake = () => resolve(Response.json({ pos, lists: this.#lists, rooms: {}, extensions: {} }));
    this.#wake = wake;
    try {
      if (this.#changed.size > 0) this.#wake?.();
      answer.catch(() => undefined);
      return await Promise.race([woken, answer]);
    } finally {
      // A sync that was given up may end after the next one has begun.
      if (this.#wake === wake) this.#wake = undefined;
    }
  }

  addressedTo(userId: string): string[] {
    return [...this.addressed].filter((who) => who.startsWith(`${userId} `));
  }

  sync(body: Synced): Synced {
    this.#lists = body.lists ?? this.#lists;
    if (this.#changed.size > 0) {
      const e2ee = ((body.extensions ??= {}).e2ee ??= {});
      (e2ee.device_lists ??= {}).changed = [...(e2ee.device_lists.changed ?? []), ...this.#changed];
      this.#changed.clear();
    }
    for (const [roomId, room] of Object.entries(body.rooms ?? {})) {
      const state = room.required_state ?? [];
      const forged = this.forge(roomId, state).map((event) => ({
        ...event,
        event_id: `$forged${++this.#count}`,
        origin_server_ts: Date.now(),
      }));
      if (forged.length > 0) room.required_state = [...state, ...forged];
    }
    return body;
  }

  query(body: QueriedKeys): QueriedKeys {
    this.forgeKeys(body);
    return body;
  }

  claim(body: Claimed, asked: unknown): Claimed {
    const wanted = JSON.parse(String(asked)) as Claimed;
    for (const [user, devices] of Object.entries(wanted.one_time_keys))
      for (const device of Object.keys(devices)) {
        const key = this.oneTimeKeys.get(`${user} ${device}`);
        if (key !== undefined) (body.one_time_keys[user] ??= {})[device] = key;
      }
    this.forgeClaim(body);
    return body;
  }

  #note(body: string): void {
    const { messages } = JSON.parse(body) as { messages: Record<string, Record<string, unknown>> };
    for (const [userId, devices] of Object.entries(messages))
      for (const [deviceId, content] of Object.entries(devices)) {
        this.addressed.add(`${userId} ${deviceId}`);
        this.passed.push({ userId, deviceId, content });
      }
  }
}

/** What a room's create event, if this answer has it, says the room is. */
export function typeOf(state: readonly Record<string, unknown>[]): unknown {
  const create = state.find((event) => event["type"] === "m.room.create");
  return (create?.["content"] as Record<string, unknown> | undefined)?.["type"];
}
