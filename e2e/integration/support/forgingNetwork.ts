type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

export type ForgedEvent = {
  readonly type: string;
  readonly state_key: string;
  readonly sender: string;
  readonly content: Readonly<Record<string, unknown>>;
};

/** A room as sync shows it. */
type SyncedRoom = { required_state?: Record<string, unknown>[]; initial?: boolean };

/**
 * A homeserver that lies to one client: it puts state of its own making into the rooms that sync shows. What the client
 * sends passes unchanged, and for whom encrypted messages to devices were meant is noted.
 */
export class ForgingNetwork {
  /** What to put into a room, told from its true state; asked for each room of each answer. */
  forge: (roomId: string, state: readonly Record<string, unknown>[]) => readonly ForgedEvent[] = () => [];
  /** Everybody whom an encrypted message was sent to, as `@user:server device`. */
  readonly addressed = new Set<string>();
  #count = 0;

  readonly fetch: Fetch = async (url, init) => {
    const { pathname } = new URL(url);
    if (pathname.includes("/sendToDevice/m.room.encrypted/")) this.#note(init?.body);
    const answer = await fetch(url, init);
    if (!pathname.endsWith("/org.matrix.simplified_msc3575/sync") || !answer.ok) return answer;
    const body = (await answer.json()) as { rooms?: Record<string, SyncedRoom> };
    for (const [roomId, room] of Object.entries(body.rooms ?? {})) {
      const state = room.required_state ?? [];
      const forged = this.forge(roomId, state).map((event) => ({
        ...event,
        event_id: `$forged${++this.#count}`,
        origin_server_ts: Date.now(),
      }));
      if (forged.length > 0) room.required_state = [...state, ...forged];
    }
    return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
  };

  addressedTo(userId: string): string[] {
    return [...this.addressed].filter((who) => who.startsWith(`${userId} `));
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
