import type { EventId, RoomId } from "@hearth/protocol";

/** Collects keys that came late, as one key opens many events and each would fold its room anew. */
export class LateKeys {
  readonly #retry: (roomId: RoomId, eventIds: readonly EventId[]) => void;
  readonly #waiting = new Map<RoomId, Set<EventId>>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(retry: (roomId: RoomId, eventIds: readonly EventId[]) => void) {
    this.#retry = retry;
  }

  add(roomId: RoomId, eventId: EventId): void {
    const events = this.#waiting.get(roomId) ?? new Set<EventId>();
    this.#waiting.set(roomId, events.add(eventId));
    this.#timer ??= setTimeout(() => this.#go(), 20);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #go(): void {
    this.#timer = undefined;
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const [roomId, events] of all) this.#retry(roomId, [...events]);
  }
}
