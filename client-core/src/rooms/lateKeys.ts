import type { EventId, RoomId } from "@hearth/protocol";
import type { Clock } from "../work/clock.ts";
import { Later } from "../work/retry.ts";

/** How long keys that come together are waited for. */
const COLLECT_MS = 20;

/** Collects keys that came late, as one key opens many events and each would fold its room anew. */
export class LateKeys {
  readonly #retry: (roomId: RoomId, eventIds: readonly EventId[]) => void;
  readonly #waiting = new Map<RoomId, Set<EventId>>();
  readonly #soon: Later;

  constructor(clock: Clock, retry: (roomId: RoomId, eventIds: readonly EventId[]) => void) {
    this.#soon = new Later(clock);
    this.#retry = retry;
  }

  add(roomId: RoomId, eventId: EventId): void {
    const events = this.#waiting.get(roomId) ?? new Set<EventId>();
    this.#waiting.set(roomId, events.add(eventId));
    if (!this.#soon.isWaiting) this.#soon.in(COLLECT_MS, () => this.#go());
  }

  dispose(): void {
    this.#soon.stop();
    this.#waiting.clear();
  }

  #go(): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [roomId, events] of all) this.#retry(roomId, [...events]);
  }
}
