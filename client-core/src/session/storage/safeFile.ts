import { Turns } from "../../work/turns.ts";
/** The small files of one place, as the disk has them: a write that is cut off may leave anything behind. */
export interface RawFiles {
  /** The bytes; undefined when there is no such file. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** On the disk when it resolves. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Overwrites the bytes where they lie, then removes the file. Nothing happens when there is none. */
  destroy(name: string): Promise<void>;
}

/** What all who hold a file have in common: how often it was destroyed. Not the turns: nobody waits for a disk that hangs. */
type Shared = { destroyed: number };
const held = new WeakMap<RawFiles, Map<string, Shared>>();

const SLOTS = ["a", "b"] as const;
const SEQUENCE_BYTES = 4;
const DIGEST_BYTES = 32;

/**
 * A small file that is replaced as a whole: killed at any moment, it holds what was in it before or what was written,
 * never anything else, and never nothing. There are two slots; what is new goes into the other one, whole and flushed,
 * before the old one is overwritten in place. Once it is destroyed, whoever held it before writes nothing into it any more:
 * what was under way when a session ended must not bring back what it had there.
 */
export class SafeFile {
  readonly #raw: RawFiles;
  readonly #name: string;
  readonly #shared: Shared;
  readonly #turns = new Turns();
  #destroyedBefore: number;

  constructor(raw: RawFiles, name: string) {
    this.#raw = raw;
    this.#name = name;
    const files = held.get(raw) ?? new Map<string, Shared>();
    held.set(raw, files);
    this.#shared = files.get(name) ?? { destroyed: 0 };
    files.set(name, this.#shared);
    this.#destroyedBefore = this.#shared.destroyed;
  }

  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return this.#inTurn(async () => (await this.#newest())?.payload);
  }

  async write(payload: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#isDestroyed()) return;
      const newest = await this.#newest();
      const slot = newest?.slot === "a" ? "b" : "a";
      const packed = await pack((newest?.sequence ?? 0) + 1, payload);
      if (this.#isDestroyed()) return;
      await this.#raw.write(this.#slotName(slot), packed);
      if (this.#isDestroyed()) await this.#raw.destroy(this.#slotName(slot));
      else await this.#raw.destroy(this.#slotName(slot === "a" ? "b" : "a"));
    });
  }

  async destroy(): Promise<void> {
    await this.#inTurn(async () => {
      this.#destroyedBefore = this.#shared.destroyed += 1;
      // The newer one first: an older one that comes to light again for a moment opens nothing that was written since.
      const newest = await this.#newest();
      const slots = newest?.slot === "b" ? SLOTS.toReversed() : SLOTS;
      for (const slot of slots) await this.#raw.destroy(this.#slotName(slot));
    });
  }

  #isDestroyed(): boolean {
    return this.#shared.destroyed !== this.#destroyedBefore;
  }

  #slotName(slot: (typeof SLOTS)[number]): string {
    return `${this.#name}.${slot}`;
  }

  async #newest() {
    const found = await Promise.all(
      SLOTS.map(async (slot) => {
        const bytes = await this.#raw.read(this.#slotName(slot));
        const opened = bytes && (await unpack(bytes));
        return opened && { slot, ...opened };
      }),
    );
    return found.filter((each) => each !== undefined).toSorted((a, b) => b.sequence - a.sequence)[0];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }
}

async function pack(sequence: number, payload: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const body = new Uint8Array(SEQUENCE_BYTES + payload.length);
  new DataView(body.buffer).setUint32(0, sequence);
  body.set(payload, SEQUENCE_BYTES);
  const digest = await crypto.subtle.digest("SHA-256", body);
  const whole = new Uint8Array(DIGEST_BYTES + body.length);
  whole.set(new Uint8Array(digest));
  whole.set(body, DIGEST_BYTES);
  return whole;
}

/** @returns undefined for what was not written to its end */
async function unpack(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ sequence: number; payload: Uint8Array<ArrayBuffer> } | undefined> {
  if (bytes.length < DIGEST_BYTES + SEQUENCE_BYTES) return undefined;
  const body = bytes.slice(DIGEST_BYTES);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", body));
  if (digest.some((byte, i) => byte !== bytes[i])) return undefined;
  return { sequence: new DataView(body.buffer).getUint32(0), payload: body.slice(SEQUENCE_BYTES) };
}
