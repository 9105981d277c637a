type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** An event of a timeline as the homeserver gives it. */
export type WireEvent = {
  readonly event_id: string;
  readonly type: string;
  readonly sender: string;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
};

type SyncedRoom = { timeline?: WireEvent[]; num_live?: number; limited?: boolean };

/**
 * A homeserver that lies to one client about what was written, and when: it changes the timelines that sync shows.
 * Pages of older messages are left out: the client of the test has all that it asks for.
 */
export class TamperingNetwork {
  /** What the client is given for a stretch of a room's timeline, oldest first. */
  tamper: (roomId: string, events: readonly WireEvent[]) => readonly WireEvent[] = (_, events) => events;
  #count = 0;

  readonly fetch: Fetch = async (url, init) => {
    const answer = await fetch(url, init);
    if (!new URL(url).pathname.endsWith("/org.matrix.simplified_msc3575/sync") || !answer.ok) return answer;
    const body = (await answer.json()) as { rooms?: Record<string, SyncedRoom> };
    for (const [roomId, room] of Object.entries(body.rooms ?? {}))
      if (room.timeline) room.timeline = [...this.tamper(roomId, room.timeline)];
    return Response.json(body, { status: answer.status });
  };

  /** The same ciphertext as an event of its own. */
  again(event: WireEvent, at = Date.now()): WireEvent {
    return { ...event, event_id: `$replayed${++this.#count}`, origin_server_ts: at };
  }
}
