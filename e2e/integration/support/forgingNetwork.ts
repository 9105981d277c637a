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
  rooms?: Record<string, SyncedRoom>;
  extensions?: { e2ee?: { device_lists?: { changed?: string[] } } };
};

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
  /** What this says yes to the server claims not to have. */
  withholds: (pathname: string) => boolean = () => false;
  /** One-time keys of devices that the server made up, by user and device. */
  readonly oneTimeKeys = new Map<string, unknown>();
  /** People whose devices the next answer to sync calls changed. */
  readonly #changed = new Set<string>();
  /** Everybody whom an encrypted message was sent to, as `@user:server device`. */
  readonly addressed = new Set<string>();
  #count = 0;

  readonly fetch: Fetch = async (url, init) => {
    const { pathname } = new URL(url);
    if (pathname.includes("/sendToDevice/m.room.encrypted/")) this.#note(init?.body);
    if ((init?.method ?? "GET") === "GET" && this.withholds(pathname))
      return Response.json({ errcode: "M_NOT_FOUND", error: "not found" }, { status: 404 });
    const answer = await fetch(url, init);
    const forge = PATHS.find(([end]) => pathname.endsWith(end))?.[1];
    if (!forge || !answer.ok) return answer;
    const body = this[forge]((await answer.json()) as never, init?.body);
    return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
  };

  /** Makes the client ask for somebody's devices and identity anew. */
  saysChanged(userId: string): void {
    this.#changed.add(userId);
  }

  addressedTo(userId: string): string[] {
    return [...this.addressed].filter((who) => who.startsWith(`${userId} `));
  }

  sync(body: Synced): Synced {
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

  claim(body: { one_time_keys: Record<string, Record<string, unknown>> }, asked: unknown): typeof body {
    const wanted = JSON.parse(String(asked)) as { one_time_keys: Record<string, Record<string, string>> };
    for (const [user, devices] of Object.entries(wanted.one_time_keys))
      for (const device of Object.keys(devices)) {
        const key = this.oneTimeKeys.get(`${user} ${device}`);
        if (key !== undefined) (body.one_time_keys[user] ??= {})[device] = key;
      }
    return body;
  }

  #note(body: unknown): void {
    const { messages } = JSON.parse(String(body)) as { messages: Record<string, Record<string, unknown>> };
    for (const [user, devices] of Object.entries(messages))
      for (const device of Object.keys(devices)) this.addressed.add(`${user} ${device}`);
  }
}

/** What a room's create event, if this answer has it, says the room is. */
export function typeOf(state: readonly Record<string, unknown>[]): unknown {
  const create = state.find((event) => event["type"] === "m.room.create");
  return (create?.["content"] as Record<string, unknown> | undefined)?.["type"];
}
