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
