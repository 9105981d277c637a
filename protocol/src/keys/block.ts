import { toMs } from "../duration.ts";
import { Instant } from "../ids.ts";
import { Policy, type PolicyContent } from "../org/policy.ts";

/**
 * How an org cuts time for keys, in milliseconds: `block` is how long one Megolm session may serve at most, `window`
 * (X) how far back a staff device may read. block ≤ window.
 */
export type KeyTimes = { readonly block: number; readonly window: number };

/** @param policy undefined while the org's own is not known, or can't be read: then that of a new org */
export function keyTimes(policy: PolicyContent | undefined): KeyTimes {
  const { key_block, key_window } = policy ?? Policy.schema.parse(Policy.example);
  return { block: toMs(key_block), window: toMs(key_window) };
}

/** The block that an instant lies in, named by the instant at which it begins (SPEC [K1]). */
export function keyBlock(at: number, times: KeyTimes): number {
  return Math.floor(at / times.block) * times.block;
}

/** Where the key window begins: blocks that begin earlier are no longer kept, this one is (SPEC [K3]). */
export function windowStart(times: KeyTimes, now: number): number {
  return Math.ceil((now - times.window) / times.block) * times.block;
}

/** Whether what stems from this instant is no longer to be kept (SPEC [K3]). */
export function isPastWindow(at: number, times: KeyTimes, now: number): boolean {
  return at < windowStart(times, now);
}

/** The last instant at which what stems from `at` is still kept (SPEC [K3]). */
export function keptUntil(at: number, times: KeyTimes): number {
  return keyBlock(at, times) + times.window;
}

/**
 * Where a session stands in time: the earliest of its arrival, the times that the server gave to its events, and the
 * blocks named inside its ciphertexts (SPEC [K4]). So neither a server that stamps events anew nor a clock that is
 * ahead makes a session look younger than it is known to be.
 */
export function sessionTime(known: number | undefined, ...seen: readonly (number | undefined)[]): number {
  return Math.min(...[known, ...seen].filter((at) => at !== undefined));
}

/** Clocks of members differ by less. */
const CLOCKS_MS = 3_600_000;
/** An event is written and arrives within seconds of each other; the day is for a block length that was changed since. */
const LATE_MS = 86_400_000;

/**
 * Whether a server's date for an event can't be when it was encrypted (SPEC [K6]): before its block, or long after it.
 * @param block named inside its ciphertext; undefined says nothing
 * @param serverTs origin_server_ts, milliseconds
 */
export function isMisdated(block: number | undefined, serverTs: number, times: KeyTimes): boolean {
  if (block === undefined) return false;
  return serverTs < block - CLOCKS_MS || serverTs >= block + times.block + LATE_MS;
}

/** The field beside an event's own ones, inside its ciphertext, that names the block it was encrypted in. */
export const KEY_BLOCK_FIELD = "org.hearth.block";

/** The block that decrypted content names; undefined in what an earlier version, or something else, wrote. */
export function namedBlock(content: unknown): Instant | undefined {
  if (typeof content !== "object" || content === null) return undefined;
  return Instant.safeParse((content as Record<string, unknown>)[KEY_BLOCK_FIELD]).data;
}
