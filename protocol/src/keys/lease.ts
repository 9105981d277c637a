/**
 * How long a device lives without contact (SPEC.md, E1 to E8). The times of three clocks meet here: the homeserver's,
 * the device's, which its owner or a thief can set, and the running time of the program, which nobody can.
 */

import { z } from "zod";

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
  /** The time that the server named last, in that answer or before. Missing in what earlier versions wrote: `server`. */
  readonly named?: number | undefined;
  /** When the device's clock and the server's said the same, last, and for how long the program has run since. */
  readonly agreed?: { readonly at: number; readonly ranMs: number } | undefined;
  /** For how long the program has run with a clock that was ahead of the server's, and put off destroying for it. */
  readonly doubtedMs?: number | undefined;
};

/** As it is stored: with the session, and beside a lock, where nothing but it can be read. */
export const LEASE_FIELDS = {
  leaseMs: z.number(),
  server: z.number(),
  device: z.number(),
  ranMs: z.number(),
  named: z.number().optional(),
  agreed: z.object({ at: z.number(), ranMs: z.number() }).optional(),
  doubtedMs: z.number().optional(),
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

/** By how much a clock may have been corrected backwards without counting as one that is behind; two agree within it. */
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

/**
 * The record after a contact.
 * @param contact.server the time that counts as the server's
 * @param contact.named what the server itself has said; undefined when somebody on the way took the date away
 */
export function afterContact(
  record: LeaseRecord,
  contact: { readonly server: number; readonly device: number; readonly named: number | undefined },
): LeaseRecord {
  const { device, named } = contact;
  const agrees = named !== undefined && Math.abs(device - named) < CORRECTION_MS;
  return {
    leaseMs: record.leaseMs,
    server: Math.max(record.server, contact.server),
    device,
    ranMs: 0,
    named: named ?? serverNow(record),
    agreed: agrees ? { at: device, ranMs: 0 } : record.agreed,
    doubtedMs: agrees ? 0 : record.doubtedMs,
  };
}

/** The record after the program has run for so long. @param now what the device's clock says */
export function afterRunning(record: LeaseRecord, ms: number, now: number): LeaseRecord {
  const { ranMs, agreed, doubtedMs = 0 } = record;
  return {
    ...record,
    ranMs: ranMs + ms,
    agreed: agreed && { ...agreed, ranMs: agreed.ranMs + ms },
    doubtedMs: sureTime(record, now).isDoubted ? doubtedMs + ms : doubtedMs,
  };
}

/** What time it is for certain enough to destroy what is past at it. */
export type SureTime = {
  readonly at: number;
  /** The device's clock is ahead of that, and is not believed yet. */
  readonly isDoubted: boolean;
  /** By how much, in milliseconds; and for how long the program has to run until it is believed all the same. */
  readonly aheadMs: number;
  readonly believedInMs: number;
};

/**
 * [P3] By which time keys past the window are destroyed (SPEC.md, K8). The device's clock, unless it is ahead of the
 * server's last word and of the running time since; then that, for one lease of running time at most. So a clock that
 * jumped destroys nothing, a server that lies puts off and never brings forward, and who sets the clock back gains only
 * the time for which the program doesn't run.
 */
export function sureTime(record: LeaseRecord, now: number): SureTime {
  const { leaseMs, agreed, doubtedMs = 0 } = record;
  const server = serverNow(record);
  const isDoubted = now - server >= CORRECTION_MS && doubtedMs < leaseMs;
  const least = agreed ? agreed.at + agreed.ranMs : -Infinity;
  const at = Math.max(isDoubted ? server : now, least);
  return { at, isDoubted, aheadMs: Math.max(0, now - at), believedInMs: Math.max(0, leaseMs - doubtedMs) };
}

/** At least so late it is by the server's clock. */
function serverNow({ server, named, ranMs }: LeaseRecord): number {
  return (named ?? server) + ranMs;
}
