import type { LeaseRecord } from "@hearth/protocol";
import { expect, test } from "vitest";
import { createNodeClient } from "../host/node.ts";
import { MovedClock } from "../work/movedClock.ts";
import { Lease } from "./lease.ts";
import { MemoryStorage } from "./storage/memory.ts";
import { Vault } from "./vault.ts";

const NOW = Date.UTC(2026, 0, 1);
const YEAR = 365 * 24 * 3_600_000;

/** A server that names its time on what needs no token, and answers everything else as one that knows no token. */
class Server {
  time: number | "out of reach" = NOW;
  asked = 0;

  readonly fetch = (url: string | URL): Promise<Response> => {
    if (this.time === "out of reach") return Promise.reject(new TypeError("no network"));
    const headers = { date: new Date(this.time).toUTCString() };
    if (!new URL(url).pathname.endsWith("/versions"))
      return Promise.resolve(Response.json({ errcode: "M_UNKNOWN_TOKEN" }, { status: 401, headers }));
    this.asked += 1;
    return Promise.resolve(Response.json({ versions: [] }, { headers }));
  };
}

const record = (leaseMs: number): LeaseRecord => ({ leaseMs, server: NOW, device: NOW, ranMs: 0 });

/** A lease that nobody has a token for, on a device whose clock has jumped ahead. */
async function withoutToken(server: Server) {
  const clock = new MovedClock(NOW + 20 * YEAR);
  const kept = { lease: () => Promise.resolve(record(2_000)), save: () => Promise.resolve() };
  const options = {
    baseUrl: "http://localhost",
    fetch: server.fetch,
    clock,
    log: () => {},
  };
  const lease = await Lease.open(kept, options);
  const ends: string[] = [];
  lease.start(undefined, (end) => {
    lease.stop();
    ends.push(end);
  });
  return { clock, lease, ends };
}

test("[P7] with a dead token, a clock that jumped ahead destroys nothing while the server names another time (E2)", async () => {
  const server = new Server();
  const { clock, lease, ends } = await withoutToken(server);
  await clock.pass(1_000);
  expect(server.asked).toBeGreaterThan(2);
  expect(ends).toEqual([]);
  // And when the server agrees, or had its time to answer, it is over.
  server.time = NOW + YEAR;
  await clock.pass(200);
  expect(ends).toEqual(["over"]);
  lease.stop();
  const silent = new Server();
  silent.time = "out of reach";
  const { clock: silentClock, ends: silentEnds } = await withoutToken(silent);
  await silentClock.pass(2_000);
  expect(silentEnds).toEqual([]);
  await silentClock.pass(200);
  expect(silentEnds).toEqual(["over"]);
});

test("a lease that is stopped while the server is asked ends nothing", async () => {
  const server = new Server();
  let answer = () => {};
  const { fetch: doFetch } = server;
  const held = new Promise<void>((resolve) => (answer = resolve));
  let asked = false;
  const slow = Object.assign(new Server(), {
    fetch: async (url: string | URL) => {
      asked = true;
      await held;
      return doFetch(url);
    },
  });
  const { clock, lease, ends } = await withoutToken(slow);
  await clock.pass(100);
  expect(asked).toBe(true);
  lease.stop();
  server.time = NOW + YEAR;
  answer();
  await clock.pass(1_000);
  expect(server.asked).toBe(1);
  expect(ends).toEqual([]);
});

/** A device that starts with a clock that jumped ahead; it has a token that the server does not know any more. */
async function started(server: Server, locked: { locked?: string }) {
  const storage = new MemoryStorage();
  const vault = await Vault.create(await storage.create());
  const account = { userId: "@a:b", deviceId: "D", cryptoMade: false, encryption: "check" } as const;
  await vault.save({
    account: { ...account, ...locked },
    tokens: { accessToken: "t" },
    lease: record(2_000),
  });
  vault.close();
  const clock = new MovedClock(NOW + 20 * YEAR);
  const client = await clock.passUntil(
    createNodeClient({ baseUrl: "http://localhost", storage, fetch: server.fetch, clock }),
  );
  const kind = client.view("session")?.phase.kind;
  await client.dispose();
  return { kind, isStored: (await storage.peek()) !== undefined };
}

test.each([{ locked: "Sign in again." }, {}])(
  "[P7] nor at a start, whether the token was known to be dead or is found so: %o",
  async (locked) => {
    const server = new Server();
    expect(await started(server, locked)).toEqual({ kind: "locked", isStored: true });
    server.time = NOW + YEAR;
    expect(await started(server, locked)).toEqual({ kind: "signed_out", isStored: false });
    server.time = "out of reach";
    expect(await started(server, locked)).toEqual({ kind: "signed_out", isStored: false });
  },
);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A server that answers syncs, and whose time nobody sets. */
class SyncServer {
  asked = 0;
  says: "a sync" | "an error page" | "nothing" = "a sync";
  readonly #clock: MovedClock;

  constructor(clock: MovedClock) {
    this.#clock = clock;
  }

  readonly fetch = (): Promise<Response> => {
    if (this.says === "nothing") return Promise.reject(new TypeError("no network"));
    this.asked += 1;
    const headers = { date: new Date(NOW + this.#clock.monotonic()).toUTCString() };
    return Promise.resolve(Response.json(this.says === "a sync" ? { pos: "1" } : {}, { headers }));
  };
}

/** A session that is open, has a live token and an hour's lease, and waits for a sync that brings no news. */
async function withToken() {
  const clock = new MovedClock(NOW);
  const server = new SyncServer(clock);
  const saved: LeaseRecord[] = [];
  const kept = {
    lease: () => Promise.resolve(record(HOUR)),
    save: ({ lease: next }: { readonly lease: LeaseRecord }) => Promise.resolve(void saved.push(next)),
  };
  const options = { baseUrl: "http://localhost", fetch: server.fetch, clock, log: () => {} };
  const lease = await Lease.open(kept, options);
  const ends: string[] = [];
  lease.start(server.fetch, (end) => {
    lease.stop();
    ends.push(end);
  });
  /** What follows once it is unsettled, and how long that took. */
  const settled = async () => {
    const begun = clock.monotonic();
    const { signal } = new AbortController();
    const verdict = await clock.passUntil(lease.settle(server.fetch, signal, () => false));
    return { verdict, tookMs: clock.monotonic() - begun };
  };
  return { clock, server, lease, ends, saved, settled };
}

test("[P7] from half of the lease on the server is asked, so that a sync that waits for news ends nobody's", async () => {
  const { clock, server, lease, ends, saved } = await withToken();
  await clock.pass(29 * MINUTE);
  expect(server.asked).toBe(0);
  await clock.pass(2 * MINUTE);
  expect(server.asked).toBe(1);
  await clock.pass(10 * HOUR);
  expect(ends).toEqual([]);
  expect(server.asked).toBeLessThan(25);
  expect(saved.at(-1)?.server).toBeGreaterThan(NOW + 10 * HOUR);
  lease.stop();
});

test("[P7] out of contact it ends at its time, not before, and an error page is no contact", async () => {
  for (const says of ["nothing", "an error page"] as const) {
    const { clock, server, ends, settled } = await withToken();
    server.says = says;
    await clock.pass(59 * MINUTE);
    expect(ends).toEqual([]);
    await clock.pass(2 * MINUTE);
    expect(ends).toEqual(["unsettled"]);
    const { verdict, tookMs } = await settled();
    expect(verdict).toBe("destroy");
    // The network may just be coming up: it is given its time, and no more.
    expect(tookMs).toBeGreaterThanOrEqual(15_000);
    expect(tookMs).toBeLessThan(16_000);
  }
});

test("[P7] a contact that comes too late changes nothing", async () => {
  const { clock, server, ends, settled } = await withToken();
  server.says = "nothing";
  await clock.pass(61 * MINUTE);
  expect(ends).toEqual(["unsettled"]);
  server.says = "a sync";
  expect((await settled()).verdict).toBe("destroy");
});

test.each([
  ["ahead", NOW + 30 * 24 * HOUR, "destroy"],
  ["back", NOW - 30 * 24 * HOUR, "locked"],
] as const)(
  "[P7] a clock that was set %s leaves the lease to the server's word, which comes when it comes",
  async (_, at, unanswered) => {
    const reached = await withToken();
    reached.clock.set(at);
    await reached.clock.pass(2 * MINUTE);
    expect(reached.ends).toEqual(["unsettled"]);
    expect((await reached.settled()).verdict).toBe("go");
    expect(reached.lease.verdict()).toBe("go");
    const alone = await withToken();
    alone.clock.set(at);
    alone.server.says = "nothing";
    await alone.clock.pass(2 * MINUTE);
    expect((await alone.settled()).verdict).toBe(unanswered);
  },
);

test("[P7] a device that slept past its lease shows nothing more before it is settled", async () => {
  const { clock, server, ends, settled } = await withToken();
  server.says = "nothing";
  await clock.standStill(2 * HOUR);
  expect(ends).toEqual(["unsettled"]);
  expect((await settled()).verdict).toBe("destroy");
});
