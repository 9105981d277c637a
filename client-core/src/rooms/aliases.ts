import type { Records } from "../session/api.ts";

const MOST_ALIASES = 200;

/** Which real room a request lives in that began as a local one: screens that were open then know only the local id. */
export class RoomAliases {
  readonly #records: Records;
  readonly #real = new Map<string, string>();

  constructor(records: Records) {
    this.#records = records;
  }

  async load(): Promise<void> {
    for (const [from, to] of (await this.#records.get<[string, string][]>("aliases", "all")) ?? [])
      this.#real.set(from, to);
  }

  /** The id that the room has now. */
  resolve(roomId: string): string {
    return this.#real.get(roomId) ?? roomId;
  }

  /** The rooms that were made for local ones. */
  get realRooms(): Iterable<string> {
    return this.#real.values();
  }

  /** @returns what stores it, once the items themselves are stored under their new id */
  bind(from: string, to: string): () => Promise<void> {
    this.#real.set(from, to);
    // Only screens that were open at the time and unsent items know local ids: old ones are of no use.
    for (const old of [...this.#real.keys()].slice(0, -MOST_ALIASES)) this.#real.delete(old);
    return () => this.#records.write([{ collection: "aliases", key: "all", value: [...this.#real] }]);
  }
}
