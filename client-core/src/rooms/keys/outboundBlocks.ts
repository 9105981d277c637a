import { keyBlock, type KeyTimes, type RoomId } from "@hearth/protocol";
import type { Records } from "../../session/api.ts";

/** The session that this device last sent with in a room, the block that it belongs to, and the policy of then. */
type Outbound = { readonly block: number; readonly sessionId: string; readonly policy: string };

export type OutboundDeps = {
  readonly records: Pick<Records, "get" | "write">;
  /** Makes the crypto machine begin a new session in a room; does nothing to one that it has not loaded yet. */
  readonly discard: (roomId: RoomId) => Promise<void>;
  readonly times: () => KeyTimes;
  /** Another one after each change of policy, whatever it changed. */
  readonly policy: () => string;
  /** The time that blocks are cut by. */
  readonly now: () => number;
};

const MOST_TRIES = 3;
/** No policy: it is another than any, so that the session of then is not gone on with. */
const ROTATE = "rotate";

/**
 * Keeps each outbound Megolm session within one key block and one policy (SPEC [K2]). Called inside a room's send turn,
 * so there is one at a time in a room.
 *
 * The crypto machine can't be asked which session it would use, and after a restart it doesn't let one be discarded
 * that it has stored and not loaded yet. So what counts is the session that an encryption really used: is it that of
 * an older block, or of nobody knows which, the ciphertext is thrown away, and with the session loaded now, discarding
 * works. What was used is stored before its ciphertext leaves.
 */
export class OutboundBlocks {
  readonly #deps: OutboundDeps;
  readonly #last = new Map<RoomId, Outbound>();
  /** Rooms in which somebody can't read the session that this device writes with. */
  readonly #rotate = new Set<RoomId>();
  /** Rooms whose session the machine has loaded since the start: one that is new there was made just now. */
  readonly #loaded = new Set<RoomId>();

  constructor(deps: OutboundDeps) {
    this.#deps = deps;
  }

  /** The block of now. */
  get block(): number {
    return keyBlock(this.#deps.now(), this.#deps.times());
  }

  /** What is written next in this room begins a new session, also after a restart. */
  async rotate(roomId: RoomId): Promise<void> {
    this.#rotate.add(roomId);
    const { records } = this.#deps;
    const last = this.#last.get(roomId) ?? (await records.get<Outbound>("keyBlocks", roomId));
    if (last)
      await records.write([{ collection: "keyBlocks", key: roomId, value: { ...last, policy: ROTATE } }]);
  }

  /**
   * @param encrypt encrypts for the block that it is given, and names it inside; may be called several times
   * @returns what `encrypt` gave
   * @throws what `encrypt` throws, and when the machine would not let go of an older block's session
   */
  async encrypt<Wire extends { readonly [field: string]: unknown }>(
    roomId: RoomId,
    encrypt: (block: number) => Promise<Wire>,
  ): Promise<Wire> {
    const { records, discard, policy: currentPolicy } = this.#deps;
    const last = this.#last.get(roomId) ?? (await records.get<Outbound>("keyBlocks", roomId));
    const mustRotate = this.#rotate.delete(roomId);
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const { block } = this;
      // A policy that is as before may have been another in between, and others have deleted the key by that.
      const policy = currentPolicy();
      const sameBlock = !mustRotate && last?.block === block && last.policy === policy;
      if (!sameBlock) await discard(roomId);
      const wire = await encrypt(block);
      const sessionId = String(wire["session_id"]);
      const sameSession = last?.sessionId === sessionId;
      const isNew = !sameSession && this.#loaded.has(roomId);
      this.#loaded.add(roomId);
      if (sameSession && sameBlock) return wire;
      if (isNew) {
        await records.write([{ collection: "keyBlocks", key: roomId, value: { block, sessionId, policy } }]);
        this.#last.set(roomId, { block, sessionId, policy });
        return wire;
      }
      await discard(roomId);
    }
    throw new Error("the session of an older key block could not be discarded");
  }
}
