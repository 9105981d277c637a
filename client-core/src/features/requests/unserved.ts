import type { EventId, RoomId, UserId } from "@hearth/protocol";

/** A person's device, as a summary names whom it is for. */
export type DeviceName = `${UserId}|${string}`;

/** What is kept of it. Each device with the newest event of the room when it was noted; null: there was none. */
export type StoredUnserved = readonly (readonly [
  RoomId,
  readonly (readonly [DeviceName, EventId | null])[],
])[];

/** A summary in a room's log, and the devices that its writer knew of as new. */
export type Served = { readonly at: number; readonly names: readonly string[] };

/**
 * Which devices can't know a request: signed after it was last told, as far as this client can tell. A device is noted in
 * each room of its owner's, and struck off by a summary that came afterwards and names it: what its writer did not know of
 * it was not encrypted for it.
 */
export class Unserved {
  readonly #rooms: Map<RoomId, Map<DeviceName, EventId | null>>;

  constructor(stored: StoredUnserved = []) {
    this.#rooms = new Map(stored.map(([roomId, devices]) => [roomId, new Map(devices)]));
  }

  /** @param last the newest event that this client has of the room */
  note(roomId: RoomId, devices: Iterable<DeviceName>, last: EventId | undefined): void {
    const noted = this.#rooms.get(roomId) ?? new Map<DeviceName, EventId | null>();
    for (const device of devices) noted.set(device, last ?? null);
    if (noted.size > 0) this.#rooms.set(roomId, noted);
  }

  /**
   * @param log the room's events, in their order
   * @param summaries by their place in it
   * @returns whether anything is struck off
   */
  served(roomId: RoomId, log: readonly EventId[], summaries: readonly Served[]): boolean {
    const noted = this.#rooms.get(roomId);
    if (!noted) return false;
    const before = noted.size;
    for (const [device, last] of noted) {
      // What was noted at an event that is gone from the log is older than all of it.
      const since = last === null ? -1 : log.indexOf(last);
      if (summaries.some(({ at, names }) => at > since && names.includes(device))) noted.delete(device);
    }
    if (noted.size === 0) this.#rooms.delete(roomId);
    return noted.size !== before;
  }

  /** Devices that are no more, or not signed any more. @returns whether any was noted */
  gone(isGone: (device: DeviceName, roomId: RoomId) => boolean): boolean {
    let changed = false;
    for (const [roomId, noted] of this.#rooms) {
      for (const device of noted.keys())
        if (isGone(device, roomId)) changed = noted.delete(device) || changed;
      if (noted.size === 0) this.#rooms.delete(roomId);
    }
    return changed;
  }

  in(roomId: RoomId): DeviceName[] {
    return [...(this.#rooms.get(roomId)?.keys() ?? [])];
  }

  get rooms(): RoomId[] {
    return [...this.#rooms.keys()];
  }

  store(): StoredUnserved {
    return [...this.#rooms].map(([roomId, noted]) => [roomId, [...noted]]);
  }
}

export function deviceName(userId: UserId, deviceId: string): DeviceName {
  return `${userId}|${deviceId}`;
}

export function ownerOf(device: DeviceName): UserId {
  return device.slice(0, device.indexOf("|")) as UserId;
}
