/** What is kept about storage rotations. Times are milliseconds since 1970. */
export type RotationRecord = {
  /** When the session last rotated its storage. */
  readonly at: number;
  /** The length of a key block when last heard of: one storage rotation in each is enough. */
  readonly blockMs: number;
  /** Key material was deleted since `at`. */
  readonly pruned: boolean;
};

const DAY_MS = 86_400_000;
/** What is deleted one after the other goes in one storage rotation. */
const QUIET_MS = 1_000;
/** Each storage rotation interrupts the work for a moment: however short the blocks, not more often than this. */
const SHORTEST_GAP_MS = 10_000;

/** Of a session that never rotated its storage. */
export const NEVER_ROTATED: RotationRecord = { at: 0, blockMs: DAY_MS, pruned: false };

/**
 * At a start nobody is interrupted, so a new block is reason enough: what the crypto library itself deletes and
 * replaces (used one-time keys, old sessions, old tokens) goes from the files as well, and so does what was pruned by a
 * run that was killed before it could note that.
 */
export function isDueAtStart(record: RotationRecord, now: number): boolean {
  return record.pruned || blockOf(record, now) !== blockOf(record, record.at);
}

/** How long to wait until a running session rotates its storage; undefined when it has no reason to. */
export function waitBeforeRotation(record: RotationRecord, now: number): number | undefined {
  if (!record.pruned) return undefined;
  const nextBlock = (blockOf(record, record.at) + 1) * record.blockMs;
  // A clock that was put back must not hold it up for longer than a block.
  const wait = Math.max(nextBlock, record.at + SHORTEST_GAP_MS) - now;
  return Math.min(Math.max(wait, QUIET_MS), Math.max(record.blockMs, SHORTEST_GAP_MS));
}

function blockOf(record: RotationRecord, at: number): number {
  return Math.floor(at / record.blockMs);
}
