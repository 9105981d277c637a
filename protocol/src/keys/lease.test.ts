import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterContact, decideLease } from "./lease.ts";
import type { LeaseQuestion, LeaseRecord } from "./lease.ts";

const HOUR = 3_600_000;
const LEASE = 72 * HOUR;
const T = Date.UTC(2026, 10, 1);

const record = (change: Partial<LeaseRecord> = {}): LeaseRecord => ({
  leaseMs: LEASE,
  server: T,
  device: T,
  ranMs: 0,
  ...change,
});
const decide = (change: Partial<LeaseQuestion> = {}) =>
  decideLease({ record: record(), now: T, asked: false, ...change });

/** How far a clock is off: anything up to a year, either way. */
const offset = fc.integer({ min: -8760 * HOUR, max: 8760 * HOUR });
const lease = fc.integer({ min: 1_000, max: 400 * HOUR });
const within = (leaseMs: number) => fc.integer({ min: 0, max: leaseMs - 1 });
const beyond = (leaseMs: number) => fc.integer({ min: leaseMs, max: leaseMs + 8760 * HOUR });
/** A lease, a time since the last contact that is within it or beyond it, and how far the device's clock is off. */
const cases = (elapsed: typeof within) =>
  lease.chain((leaseMs) => fc.tuple(fc.constant(leaseMs), elapsed(leaseMs), offset));

describe("[P7] the lease", () => {
  test("[E1] with a clock that is right, a device goes on within its lease, and is destroyed beyond it", () => {
    fc.assert(
      fc.property(cases(within), ([leaseMs, elapsed]) => {
        expect(decide({ record: record({ leaseMs }), now: T + elapsed })).toBe("go");
      }),
    );
    fc.assert(
      fc.property(cases(beyond), ([leaseMs, elapsed]) => {
        const question = { record: record({ leaseMs }), now: T + elapsed };
        expect(decide(question)).toBe("ask");
        expect(decide({ ...question, asked: true })).toBe("destroy");
        expect(decide({ ...question, server: T + elapsed })).toBe("destroy");
      }),
    );
  });

  test("[E2] nothing is destroyed before the server was asked", () => {
    fc.assert(
      fc.property(lease, offset, offset, fc.nat(), (leaseMs, device, now, ranMs) => {
        const verdict = decide({ record: record({ leaseMs, device: T + device, ranMs }), now: T + now });
        expect(["go", "ask"]).toContain(verdict);
      }),
    );
  });

  test("[E3] a clock that is off, always by the same, kills nobody, and shows nothing for longer than a right one", () => {
    fc.assert(
      fc.property(cases(within), ([leaseMs, elapsed, off]) => {
        const question = { record: record({ leaseMs, device: T + off }), now: T + off + elapsed };
        expect(decide(question)).toBe("go");
        expect(decide({ ...question, server: T + elapsed })).toBe("go");
      }),
    );
    fc.assert(
      fc.property(cases(beyond), ([leaseMs, elapsed, off]) => {
        const question = { record: record({ leaseMs, device: T + off }), now: T + off + elapsed };
        expect(decide({ ...question, asked: true })).not.toBe("go");
        expect(decide({ ...question, server: T + elapsed })).toBe("destroy");
      }),
    );
  });

  test("[E4] a clock that is behind the last contact shows nothing and destroys nothing; contact settles it", () => {
    fc.assert(
      fc.property(lease, fc.integer({ min: 60_000, max: 8760 * HOUR }), (leaseMs, behind) => {
        const question = { record: record({ leaseMs }), now: T - behind };
        expect(decide(question)).toBe("ask");
        expect(decide({ ...question, asked: true })).toBe("locked");
        expect(decide({ ...question, server: T + leaseMs - 1 })).toBe("go");
        expect(decide({ ...question, server: T + leaseMs })).toBe("destroy");
      }),
    );
    expect(decide({ now: T - 59_000 }), "a small correction").toBe("go");
  });

  test("[E5] readings that disagree keep the keys and show nothing, until there is contact", () => {
    // A day behind at the last contact, set right since: nobody can tell from 80 hours without contact.
    const question = { record: record({ device: T - 24 * HOUR }), now: T + 56 * HOUR };
    expect(decide(question)).toBe("ask");
    expect(decide({ ...question, asked: true })).toBe("locked");
    expect(decide({ ...question, server: T + 56 * HOUR })).toBe("go");
    // A day ahead at the last contact, set right since: one reading is impossible, and the other one counts.
    expect(decide({ record: record({ device: T + 24 * HOUR }), now: T + HOUR })).toBe("go");
  });

  test("[E6] in contact, a device is destroyed only when both clocks say so: neither one that was set kills it", () => {
    fc.assert(
      fc.property(cases(within), offset, ([leaseMs, elapsed], jump) => {
        const kept = record({ leaseMs });
        expect(decide({ record: kept, now: T + elapsed + jump, server: T + elapsed })).toBe("go");
        expect(decide({ record: kept, now: T + elapsed, server: T + elapsed + jump })).toBe("go");
      }),
    );
  });

  test("[E7] setting the clock back again and again does not stretch the lease: the running time counts too", () => {
    fc.assert(
      fc.property(lease, offset, (leaseMs, now) => {
        const question = { record: record({ leaseMs, ranMs: leaseMs }), now: T + now };
        expect(decide(question)).toBe("ask");
        expect(decide({ ...question, asked: true })).toBe("destroy");
      }),
    );
  });

  test("[E8] the highest time that the server named is kept; a contact begins the lease anew", () => {
    fc.assert(
      fc.property(offset, offset, (server, device) => {
        const next = afterContact(record({ ranMs: 5 }), { server: T + server, device: T + device });
        expect(next).toEqual(record({ server: Math.max(T, T + server), device: T + device }));
        expect(decide({ record: next, now: next.device, asked: true })).toBe("go");
      }),
    );
  });
});
