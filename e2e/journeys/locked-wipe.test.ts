import { afterAll, beforeAll, expect, test } from "vitest";
import {
  base64url,
  OrgId,
  signStatement,
  SigningKey,
  type Instant,
  type WipeRecord,
  type WipeTarget,
} from "@hearth/protocol";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { besideHearth, looksInto, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn, until } from "../support/server.ts";
import { must, roomOf, startWorld, token, waitForView, type World } from "../support/world.ts";

const PASSPHRASE = "violet anchor marmalade seven";

let world: World;

beforeAll(async () => {
  world = await startWorld();
});

afterAll(() => world[Symbol.asyncDispose]());

test("[P7] a browser that is started locked learns of a wipe before any passphrase", async () => {
  const { instance } = world;
  const account = await world.withoutDevice("Rio Responder", ["responder"]);
  const admin = await world.member("First Admin", ["admin"]);
  await using network = await CutProxy.open(instance.webUrl);
  const { origin } = network;
  await using profile = await Profile.create();

  let browser = await profile.open();
  let lena = await new Person(await browser.page(), origin, account).signIn();
  const title = `A man on a bridge ${token()}`;
  await must(admin.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  await lena.choosesRequest(title);
  await lena.goTo("/lock/");
  await lena.field("New passphrase").fill(PASSPHRASE);
  await lena.field("New passphrase, once more").fill(PASSPHRASE);
  await lena.press("Turn on");
  await lena.heading("It is on").waitFor();
  await browser.close();
  const [device] = await devicesOf(instance, account.userId);
  const saved: Saved = {
    userId: account.userId,
    deviceId: device?.device_id ?? "",
    events: await encryptedIn(instance, await roomOf(admin.client, title)),
    oldRootKeys: [],
    words: [title],
  };

  // What the lock keeps in the clear for this are two hashes, and whose they are stands nowhere beside them.
  const { wrapped, notes } = await besideTheLock(profile, origin);
  const { wipe } = JSON.parse(notes) as { wipe: { target: WipeTarget } };
  const hash = expect.stringMatching(/^[\w-]{43}$/) as unknown;
  expect(wipe).toEqual({ target: hash, newest: hash });
  for (const word of [account.userName, saved.deviceId, instance.orgId]) expect(notes).not.toContain(word);
  const needles = { wrapped: Buffer.from(wrapped), target: Buffer.from(wipe.target) };
  for (const [what, files] of Object.entries(await filesWith(profile.dir, needles)))
    expect(files, `${what}, before`).not.toEqual([]);

  // The host hands out a record of its own making: the lock page stays, and opens what it opened before.
  const forged = await forgedRecord(instance.orgId, wipe.target);
  let asked: string[] = [];
  network.decide = ({ path }) => {
    if (!path.startsWith("/wipes/")) return PASS;
    asked.push(path);
    return { kind: "answer", status: 200, body: { v: 1, record: forged, roster: {} } };
  };
  browser = await profile.open();
  lena = new Person(await browser.page(), origin, account);
  await lena.goTo("/devices/");
  await lena.heading("Hearth is locked").waitFor();
  await until("it has asked for a record", () => Promise.resolve(asked.length > 0));
  expect(asked[0]).toBe(`/wipes/${wipe.target}`);
  await lena.field("Passphrase").fill(PASSPHRASE);
  await lena.press("Unlock");
  await lena.sees(/whoever signed it is no admin/);
  await lena.visit("Requests");
  await lena.row(title).waitFor();
  await browser.close();

  // An admin's record, while the browser is shut; then somebody starts it who does not know the passphrase. Once it has
  // the record, the server is gone.
  await must(admin.client, "wipe.start", { userId: account.userId, mode: "keys" });
  asked = [];
  network.decide = ({ path }) => {
    if (asked.length > 0 && (path.startsWith("/_matrix") || path === "/clear-site-data"))
      return { kind: "cut" };
    if (path.startsWith("/wipes/")) asked.push(path);
    return PASS;
  };
  browser = await profile.open();
  const thief = new Person(await browser.page(), origin, undefined);
  await thief.goTo("/requests/");
  await thief.sees(/An admin of your team had the keys on this device destroyed/);
  await thief.heading("Sign in").waitFor();
  for (const word of [title, account.userName, account.displayName])
    expect(await thief.reads()).not.toContain(word);
  expect((await thief.stored()).filter((each) => each.startsWith("bucket "))).toEqual([]);
  await browser.close();
  network.decide = () => PASS;

  // The two looks; and it could not answer, without the key that it would have answered with.
  for (const [what, files] of Object.entries(await filesWith(profile.dir, needles)))
    expect(files, `${what}, afterwards`).toEqual([]);
  const after = await looksInto(profile, origin, saved);
  expect(after).toMatchObject({ opened: {}, words: [], rootKeys: [], records: 0, sessions: 0, places: [] });
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.userId === account.userId && each.state === "unanswered"),
    "the admin sees that nobody answered",
  );
});

/** The root key as it lies under the lock, and the notes beside it. */
async function besideTheLock(profile: Profile, origin: string): Promise<{ wrapped: string; notes: string }> {
  await using copy = await profile.copy();
  return await besideHearth(copy, origin, (page) =>
    page.evaluate(async () => {
      type Buckets = {
        keys(): Promise<string[]>;
        open(name: string): Promise<{ getDirectory(): Promise<FileSystemDirectoryHandle> }>;
      };
      const { storageBuckets } = navigator as unknown as { storageBuckets: Buckets };
      const read = async (name: string) => {
        for (const bucket of await storageBuckets.keys()) {
          const folder = await (await storageBuckets.open(bucket)).getDirectory();
          for (const slot of ["a", "b"]) {
            const file = await folder.getFileHandle(`${name}.${slot}`).catch(() => undefined);
            // Behind a digest of 32 bytes and a number of 4, any of which may look like a brace.
            if (file) return (await file.getFile()).slice(36).text();
          }
        }
        throw new Error(`there is no ${name}`);
      };
      const lock = JSON.parse(await read("lock")) as { root: { data: string } };
      return { wrapped: lock.root.data, notes: await read("lock-notes") };
    }),
  );
}

/** A record for this very device, by somebody with a key of their own making. */
async function forgedRecord(orgId: string, target: WipeTarget): Promise<WipeRecord> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const key = SigningKey.parse(
    base64url(new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey))),
  );
  const said = { v: 1, purpose: "wipe", org: OrgId.parse(orgId), key, at: Date.now() as Instant } as const;
  return signStatement<WipeRecord>(
    { ...said, body: { target, mode: "keys" } },
    async (bytes) => new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes)),
  );
}
