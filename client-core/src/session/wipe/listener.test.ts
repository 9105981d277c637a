import {
  base64url,
  DeviceId,
  DeviceKey,
  EMPTY_ROSTER,
  KeyWipe,
  MasterKey,
  nextRoster,
  OrgId,
  rosterHead,
  signStatement,
  SigningKey,
  UserId,
  wipeTarget,
  type Instant,
  type RosterStatement,
  type WipeRecord,
} from "@hearth/protocol";
import { ClientEvent, TypedEventEmitter } from "matrix-js-sdk";
import { expect, test } from "vitest";
import { MovedClock } from "../../work/movedClock.ts";
import type { LiveSession } from "../live.ts";
import type { WipeContext } from "./context.ts";
import { WipeListener } from "./listener.ts";

const org = OrgId.parse("team");
const own = {
  org,
  user: UserId.parse("@cleo:x"),
  device: DeviceId.parse("PHONE"),
  key: DeviceKey.parse("D".repeat(43)),
};
const admin = UserId.parse("@admin:x");
const stranger = "@mallory:x";

async function newSigner() {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const key = SigningKey.parse(
    base64url(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))),
  );
  const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes));
  return { key, sign };
}
type Signer = Awaited<ReturnType<typeof newSigner>>;

function record({ key, sign }: Signer): Promise<WipeRecord> {
  const body = { target: wipeTarget(own), mode: "keys" as const };
  return signStatement<WipeRecord>({ v: 1, purpose: "wipe", org, key, at: 1 as Instant, body }, sign);
}

/** A listener on a device whose roster the admin has founded; it notes what it reads, asks and lets through. */
async function world() {
  const adminKey = await newSigner();
  const founding = await signStatement<RosterStatement>(
    {
      v: 1,
      purpose: "roster",
      org,
      key: adminKey.key,
      at: 1 as Instant,
      body: {
        kind: "found",
        index: 0,
        prev: rosterHead(EMPTY_ROSTER),
        user: admin,
        master_key: MasterKey.parse("A".repeat(43)),
      },
    },
    adminKey.sign,
  );
  const roster = nextRoster(EMPTY_ROSTER, founding);
  if (typeof roster === "string") throw new Error(roster);
  const client = new TypedEventEmitter<string, Record<string, (...heard: unknown[]) => void>>();
  const stop = new AbortController();
  const clock = new MovedClock();
  const did = { loads: 0, looks: 0, obeyed: [] as string[], ignored: [] as string[] };
  const listener = new WipeListener(
    { client, clock, stopped: stop.signal, log: () => {} } as unknown as LiveSession,
    {
      environment: {
        baseUrl: "http://localhost",
        clock,
        fetch: () => {
          did.looks += 1;
          return Promise.resolve(new Response("{}", { status: 404 }));
        },
      },
      context: (): Promise<WipeContext> => {
        did.loads += 1;
        return Promise.resolve({ org, target: wipeTarget(own), roster });
      },
      onOrder: (order) => {
        did.obeyed.push(order.by);
        stop.abort();
      },
      onIgnored: (reason) => did.ignored.push(reason),
    },
  );
  const comes = (sender: string, content: unknown) =>
    client.emit(ClientEvent.ReceivedToDeviceMessage, {
      message: { type: KeyWipe.type, sender, content },
      encryptionInfo: { sender, senderDevice: "ANY" },
    });
  /** Until it is so, which takes signatures their time; and a minute later it is so still. */
  const settlesAt = async (wanted: Partial<typeof did>) => {
    const look = () => expect(did).toMatchObject(wanted);
    await expect
      .poll(async () => {
        await clock.pass(50);
        return did;
      })
      .toMatchObject(wanted);
    await clock.pass(60_000);
    look();
  };
  return { adminKey, clock, did, listener, comes, settlesAt };
}

test("[P7] a thousand orders at once cost a device two looks at its roster, and one at its origin", async () => {
  const { comes, settlesAt } = await world();
  const forged = await record(await newSigner());
  for (let i = 0; i < 1_000; i++) comes(stranger, { v: 1, record: forged });
  await settlesAt({ loads: 2, looks: 1, obeyed: [], ignored: ["not_an_admin", "not_an_admin"] });
});

test("[P7] orders that go on coming cost no more than a look at the roster a second", async () => {
  const { clock, did, comes } = await world();
  const forged = await record(await newSigner());
  for (let i = 0; i < 1_000; i++) {
    comes(stranger, { v: 1, record: forged });
    await clock.pass(10);
  }
  expect(did.loads).toBeGreaterThan(0);
  expect(did.loads).toBeLessThanOrEqual(11);
  expect(did.looks).toBeLessThanOrEqual(3);
});

test("[P7] an admin's order among a thousand of somebody else's is followed", async () => {
  const { adminKey, did, comes, settlesAt } = await world();
  const forged = await record(await newSigner());
  for (let i = 0; i < 500; i++) comes(stranger, { v: 1, record: forged });
  comes(admin, { v: 1, record: await record(adminKey) });
  for (let i = 0; i < 500; i++) comes(stranger, { v: 1, record: forged });
  await settlesAt({ obeyed: [admin] });
  expect(did.loads).toBeLessThanOrEqual(3);
});

test("[P7] an admin's order that comes alone is followed without a wait; after a sign-out nothing is", async () => {
  const { adminKey, listener, comes, settlesAt } = await world();
  comes(admin, { v: 1, record: await record(adminKey) });
  await settlesAt({ obeyed: [admin], loads: 1 });
  const after = await world();
  after.listener.dispose();
  listener.dispose();
  after.comes(admin, { v: 1, record: await record(after.adminKey) });
  await after.settlesAt({ loads: 0, looks: 0, obeyed: [], ignored: [] });
});

test("what is no order, or came in the clear, is told of and costs no look at all", async () => {
  const { comes, settlesAt } = await world();
  for (const content of [undefined, {}, { v: 1 }, { v: 1, record: "wipe" }, { v: 2, record: {} }])
    comes(stranger, content);
  await settlesAt({ loads: 0, looks: 0, obeyed: [], ignored: Array(5).fill("malformed") });
});
