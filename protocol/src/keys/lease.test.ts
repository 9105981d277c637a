import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterContact, afterRunning, decideLease, sureTime } from "./lease.ts";
import type { LeaseQuestion, LeaseRecord, LeaseVerdict } from "./lease.ts";

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
        const next = afterContact(record({ ranMs: 5 }), {
          server: T + server,
          device: T + device,
          named: T + server,
        });
        expect(next).toMatchObject(record({ server: Math.max(T, T + server), device: T + device }));
        expect(decide({ record: next, now: next.device, asked: true })).toBe("go");
      }),
    );
  });
});

describe("[P3] [K8] by which time keys are destroyed, beside the lease", () => {
  const DAY = 24 * HOUR;
  type Case = {
    readonly what: string;
    /** How far the device's clock is ahead of where it stood, and for how long the program has run. */
    readonly clock: number;
    readonly ran: number;
    /** What the server names when it is asked now; undefined: it is out of reach. */
    readonly named?: number;
    readonly record?: Partial<LeaseRecord>;
    readonly lease: LeaseVerdict;
    readonly sure: number;
  };
  const cases: readonly Case[] = [
    { what: "both clocks have run on", clock: HOUR, ran: HOUR, named: HOUR, lease: "go", sure: HOUR },
    { what: "off, and on again", clock: DAY, ran: 0, named: DAY, lease: "go", sure: DAY },
    { what: "off, on again, nobody to ask", clock: DAY, ran: 0, lease: "go", sure: 0 },
    { what: "31 days ahead", clock: 31 * DAY, ran: 0, named: 0, lease: "go", sure: 0 },
    { what: "400 days ahead", clock: 400 * DAY, ran: HOUR, named: HOUR, lease: "go", sure: HOUR },
    { what: "ahead, nobody to ask", clock: 31 * DAY, ran: HOUR, lease: "destroy", sure: HOUR },
    {
      what: "ahead for a whole lease of running time: believed",
      clock: 31 * DAY,
      ran: 0,
      named: 0,
      record: { doubtedMs: LEASE },
      lease: "go",
      sure: 31 * DAY,
    },
    { what: "a server that jumped ahead", clock: HOUR, ran: HOUR, named: 400 * DAY, lease: "go", sure: HOUR },
    { what: "set back", clock: -DAY, ran: HOUR, named: HOUR, lease: "go", sure: HOUR },
  ];

  test.each(cases)("$what", ({ clock, ran, named, record: change, lease: wanted, sure }) => {
    const now = T + clock;
    const first = afterContact(record(), { server: T, device: T, named: T });
    const before = afterRunning({ ...first, ...change }, ran, now);
    const server = named === undefined ? undefined : T + named;
    const question = { record: before, now, asked: true };
    expect(decideLease(server === undefined ? question : { ...question, server })).toBe(wanted);
    const after =
      server === undefined ? before : afterContact(before, { server, device: now, named: server });
    expect(sureTime(after, now).at).toBe(T + sure);
  });

  const steps = fc.array(
    fc.record({
      ran: fc.integer({ min: 0, max: 100 * HOUR }),
      jump: fc.oneof(fc.constant(0), offset),
      /** How far the server's word is from the truth; undefined: no contact. */
      lie: fc.option(fc.oneof(fc.constant(0), offset), { nil: undefined }),
    }),
    { maxLength: 12 },
  );

  test("a server brings nothing forward: beyond the device's clock goes only what both clocks once said, and running time", () => {
    fc.assert(
      fc.property(steps, (all) => {
        let now = T;
        let one = record();
        for (const { ran, jump, lie } of all) {
          now += ran + jump;
          one = afterRunning(one, ran, now);
          if (lie !== undefined) one = afterContact(one, { server: now, device: now, named: now + lie });
          const least = one.agreed ? one.agreed.at + one.agreed.ranMs : -Infinity;
          expect(sureTime(one, now).at).toBeLessThanOrEqual(Math.max(now, least));
        }
      }),
    );
  });

  test("a server that lies puts off for one lease of running time, and no longer", () => {
    fc.assert(
      fc.property(lease, fc.array(offset, { minLength: 1, maxLength: 20 }), (leaseMs, lies) => {
        let one = afterContact(record({ leaseMs }), { server: T, device: T, named: T });
        let now = T;
        const step = Math.ceil(leaseMs / lies.length);
        for (const lie of lies) {
          now += step;
          // It never tells the truth: what agrees is no lie, and destroys.
          const named = Math.abs(lie) < 120_000 ? now - 120_000 : now + lie;
          one = afterRunning(afterContact(one, { server: named, device: now, named }), step, now);
        }
        now += step;
        one = afterRunning(one, step, now);
        const { at, isDoubted } = sureTime(one, now);
        if (lies.every((lie) => lie < 0 || lie < 120_000))
          expect({ at, isDoubted }).toEqual({ at: now, isDoubted: false });
        expect(at).toBeGreaterThanOrEqual(T);
      }),
    );
  });

  test("a clock that is right again is believed at once", () => {
    fc.assert(
      fc.property(offset, fc.integer({ min: 0, max: LEASE }), (ahead, ran) => {
        const wrong = afterRunning(record(), ran, T + ran + ahead);
        const right = T + ran;
        const one = afterContact(wrong, { server: right, device: right, named: right });
        expect(sureTime(one, right)).toMatchObject({ at: right, isDoubted: false });
        expect(one.doubtedMs).toBe(0);
      }),
    );
  });
});
