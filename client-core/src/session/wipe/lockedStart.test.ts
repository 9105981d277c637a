import { DeviceId, type RosterStatement } from "@hearth/protocol";
import { expect, test } from "vitest";
import { createNodeClient } from "../../host/node.ts";
import { lockRootKey } from "../appLock/keyLock.ts";
import { readNotes, writeNotes } from "../appLock/lockNotes.ts";
import { MemoryStorage } from "../storage/memory.ts";
import { ACCOUNT, answerWith, ORG, OWN, rosterOf, signer, somebody, wipeBy } from "../testing/signedWipes.ts";
import { Vault } from "../vault.ts";

/** The limit only turns a hang into a failure: nothing here takes long. */
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 60_000 });

const PASSPHRASE = "a lamp in the window";
/** Enough for a test, and quick. */
const QUICK = { memoryKiB: 64, passes: 1, lanes: 1 };

/** A device under an app lock that was turned on before there was a note; its token is dead, so that it needs no server. */
async function lockedDevice(roster: readonly RosterStatement[]) {
  const storage = new MemoryStorage();
  const place = await storage.create();
  const vault = await Vault.create(place);
  const account = { ...ACCOUNT, cryptoMade: false, locked: "Sign in again." };
  await vault.save({ account, tokens: { accessToken: "t" } });
  const pages = [...roster.entries()].map(([index, page]) => [String(index), page]);
  await vault.records.write([{ collection: "roster", key: "chain", value: { v: 1, org: ORG, pages } }]);
  vault.close();
  await lockRootKey(place, PASSPHRASE, QUICK);
  return { storage, place };
}

/** Its program, started on what is stored, where our origin answers this to whoever asks for a wipe record. */
async function started(storage: MemoryStorage, answer: () => Response) {
  const asked: string[] = [];
  const client = await createNodeClient({
    baseUrl: "http://localhost",
    storage,
    fetch: (url) => {
      const { pathname } = new URL(url);
      if (!pathname.startsWith("/wipes/")) return Promise.reject(new TypeError("no network"));
      asked.push(pathname);
      return Promise.resolve(answer());
    },
  });
  return { client, asked, phase: () => client.view("session")?.phase };
}

const nothing = () => new Response("{}", { status: 404 });

test("[P7] a program that is started under an app lock destroys the keys at an admin's word, and at nobody else's", async () => {
  const [ann, mallory] = [await signer(), await signer()];
  const chain = await rosterOf([ann, { kind: "found", ...somebody("ann") }]);
  const forged = await rosterOf([mallory, { kind: "found", ...somebody("mallory") }]);
  const { storage, place } = await lockedDevice(chain);

  // It has no note yet: it asks nobody, and goes on working. Opened once, it has one.
  const first = await started(storage, nothing);
  expect(first.phase()).toMatchObject({ kind: "app_locked" });
  expect(first.asked).toEqual([]);
  expect(await first.client.run("lock.open", { passphrase: PASSPHRASE })).toMatchObject({ ok: true });
  await first.client.dispose();
  const { wipe } = await readNotes(place);
  expect(wipe).toBeDefined();

  const good = await wipeBy(ann);
  const { signature: _, ...unsigned } = good;
  const others = await wipeBy(ann, { ...OWN, device: DeviceId.parse("LAPTOP") });
  const lies: [object, RegExp | undefined][] = [
    [answerWith(await wipeBy(mallory), chain), /no admin/],
    [answerWith(await wipeBy(mallory), forged), /no admin/],
    [answerWith(unsigned, chain), /no form/],
    [answerWith({ ...good, signature: "A".repeat(86) }, chain), /signature/],
    [answerWith(others, chain), /another device/],
    [{ wipe: true }, undefined],
  ];
  for (const [lie, why] of lies) {
    const { client, asked, phase } = await started(storage, () => Response.json(lie));
    await poll(() => asked).toEqual([`/wipes/${wipe?.target}`]);
    if (why)
      await poll(() => client.view("session")?.ignoredWipes?.map((each) => each.why)).toEqual([
        expect.stringMatching(why),
      ]);
    expect(phase()).toMatchObject({ kind: "app_locked" });
    await client.dispose();
    expect(await place.files.read("lock.a")).toBeDefined();
  }

  const last = await started(storage, () => Response.json(answerWith(good, chain)));
  await poll(() => last.phase()?.kind).toBe("signed_out");
  expect(last.phase()).toMatchObject({
    notice: expect.stringMatching(/had the keys on this device destroyed/),
  });
  // Not even the name: nobody here knows it.
  expect(last.phase()).not.toHaveProperty("userName");
  for (const file of ["lock.a", "lock.b", "lock-notes.a", "lock-notes.b"])
    expect(await place.files.read(file)).toBeUndefined();
  expect(await storage.peek()).toBeUndefined();
  await last.client.dispose();
});

test("[P7] a note that somebody exchanged on the disk brings nothing about, and is written anew when the lock is opened", async () => {
  const ann = await signer();
  const chain = await rosterOf([ann, { kind: "found", ...somebody("ann") }]);
  const { storage, place } = await lockedDevice(chain);
  const first = await started(storage, nothing);
  await first.client.run("lock.open", { passphrase: PASSPHRASE });
  await first.client.dispose();
  const notes = await readNotes(place);
  if (!notes.wipe) throw new Error("no note");

  await writeNotes(place, { ...notes, wipe: { ...notes.wipe, newest: notes.wipe.target as never } });
  const good = await wipeBy(ann);
  const second = await started(storage, () => Response.json(answerWith(good, chain)));
  await poll(() => second.client.view("session")?.ignoredWipes).toHaveLength(1);
  expect(second.phase()).toMatchObject({ kind: "app_locked" });
  await second.client.run("lock.open", { passphrase: PASSPHRASE });
  await poll(() => second.phase()?.kind).toBe("signed_out");
  await second.client.dispose();
});
