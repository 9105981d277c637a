/**
 * How long a device lives without contact (SPEC.md, E1 to E8). The times of three clocks meet here: the homeserver's,
 * the device's, which its owner or a thief can set, and the running time of the program, which nobody can.
 */

/** What a device keeps of its last contact. Times are milliseconds since 1970. */
export type LeaseRecord = {
  /** How long the org lets a device live without contact, as the policy said last. */
  readonly leaseMs: number;
  /** The highest time that the homeserver has named in an answer to a sync. */
  readonly server: number;
  /** What the device's own clock said when the last such answer came. */
  readonly device: number;
  /** For how long the program has run since then. */
  readonly ranMs: number;
};

/** What to do: go on; ask the server before anything is shown; destroy the keys; keep them, but show nothing. */
export type LeaseVerdict = "go" | "ask" | "destroy" | "locked";

export type LeaseQuestion = {
  readonly record: LeaseRecord;
  /** What the device's clock says. */
  readonly now: number;
  /** The time that the server names in an answer that has just come. */
  readonly server?: number;
  /** The server was asked, and did not answer in time. */
  readonly asked: boolean;
};

/** By how much a clock may have been corrected backwards without counting as one that is behind. */
const CORRECTION_MS = 60_000;

/** Whether a device may go on. Total: any numbers give a verdict. */
export function decideLease({ record, now, server, asked }: LeaseQuestion): LeaseVerdict {
  const { leaseMs } = record;
  const byDevice = read(now - record.device, leaseMs);
  if (server !== undefined) return isOver(byDevice, read(server - record.server, leaseMs)) ? "destroy" : "go";
  // Only matters where the device's clock was set since the last contact: if it was set right, this one is true.
  const bySetClock = read(now - record.server, leaseMs);
  const ranOut = record.ranMs >= leaseMs;
  const isWithin = byDevice === "within" || (byDevice === "impossible" && bySetClock === "within");
  if (isWithin && !ranOut) return "go";
  if (!asked) return "ask";
  return ranOut || isOver(byDevice, bySetClock) ? "destroy" : "locked";
}

type Reading = "within" | "over" | "impossible";

/** Time does not run backwards: a reading that says so is of a clock that was set. */
function read(elapsedMs: number, leaseMs: number): Reading {
  if (elapsedMs <= -CORRECTION_MS) return "impossible";
  return elapsedMs < leaseMs ? "within" : "over";
}

/** One reading says that the lease is over, and the other one doesn't contradict. */
function isOver(...readings: readonly Reading[]): boolean {
  return readings.includes("over") && !readings.includes("within");
}

/** The record after an answer in which the server named its time. */
export function afterContact(record: LeaseRecord, contact: { server: number; device: number }): LeaseRecord {
  return {
    leaseMs: record.leaseMs,
    server: Math.max(record.server, contact.server),
    device: contact.device,
    ranMs: 0,
  };
}
