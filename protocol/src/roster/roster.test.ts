import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { readRoster } from "./read.ts";
import {
  EMPTY_ROSTER,
  isRosterAdmin,
  mayReceive,
  rosterHead,
  wasRosterAdmin,
  type Roster,
} from "./roster.ts";
import type { RosterHash } from "./statement.ts";
import {
  admin,
  Chain,
  end,
  found,
  hashVerify,
  masterKey,
  member,
  NOW,
  ORG,
  rotate,
  signingKey,
  user,
} from "./testing/admins.ts";

// Many generated chains: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const read = (pages: ReadonlyMap<string, unknown>, pins: readonly RosterHash[] = [], known?: Roster) =>
  readRoster(pages, { org: ORG, pins, verify: hashVerify, ...(known && { known }) });
const receives = (chain: Chain, name: string, master = name, now = NOW + 1000) =>
  mayReceive(chain.roster, user(name), masterKey(master), now);

/** Ann founded it; Ben is an admin too; Cleo is a member. */
async function team(): Promise<Chain> {
  const chain = new Chain();
  expect(await chain.add("ann", found("ann"))).toBeUndefined();
  expect(await chain.add("ann", admin("ben"))).toBeUndefined();
  expect(await chain.add("ben", member("cleo"))).toBeUndefined();
  return chain;
}

test("[M3] the founder is an admin, and who an admin lists may receive by just that master key", async () => {
  const chain = await team();
  expect(["ann", "ben", "cleo", "dora"].map((name) => receives(chain, name))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(receives(chain, "cleo", "ghost")).toBe(false);
  expect(mayReceive(chain.roster, user("cleo"), undefined, NOW)).toBe(false);
  expect(isRosterAdmin(chain.roster, user("ben"), masterKey("ben"))).toBe(true);
  expect(isRosterAdmin(chain.roster, user("ben"), masterKey("ghost"))).toBe(false);
  expect(isRosterAdmin(chain.roster, user("cleo"), masterKey("cleo"))).toBe(false);
  const { roster, refused } = await read(chain.pages());
  expect(refused).toBeUndefined();
  expect(roster).toEqual(chain.roster);
});

test("[M3] nobody founds it a second time, and nothing comes before the founding", async () => {
  const chain = await team();
  expect(await chain.add("eve", found("eve"))).toBe("not_founded");
  expect(await new Chain().add("eve", member("eve"))).toBe("not_founded");
});

test("[M4] what a member, a stranger or a former admin signs does not count", async () => {
  const chain = await team();
  expect(await chain.add("cleo", member("dora"))).toBe("not_an_admin");
  expect(await chain.add("eve", admin("eve"))).toBe("not_an_admin");
  expect(await chain.add("ann", end("ben"))).toBeUndefined();
  expect(await chain.add("ben", member("dora"))).toBe("not_an_admin");
  // What they signed while they were one goes on counting.
  expect(receives(chain, "cleo")).toBe(true);
  expect(receives(chain, "ben")).toBe(false);
});

test("[M4] an admin who becomes a member signs no more, and still receives", async () => {
  const chain = await team();
  expect(await chain.add("ann", member("ben"))).toBeUndefined();
  expect(await chain.add("ben", member("dora"))).toBe("not_an_admin");
  expect(receives(chain, "ben")).toBe(true);
});

test("[M5] of two admins who end each other, the first in the chain is heard, and the other no longer is", async () => {
  const chain = await team();
  const late = await chain.make("ben", end("ann"));
  expect(await chain.add("ann", end("ben"))).toBeUndefined();
  // Signed at the same time on the same head: it follows on nothing that stands.
  const pages = chain.pages().set("4", late);
  expect((await read(pages)).refused).toEqual({ index: 4, reason: "forked" });
  expect(await chain.add("ben", end("ann"))).toBe("not_an_admin");
  expect([receives(chain, "ann"), receives(chain, "ben")]).toEqual([true, false]);
});

test("[M5] of two admins who disagree about a person, the later in the chain is heard", async () => {
  const chain = await team();
  await chain.add("ann", end("cleo"));
  expect(receives(chain, "cleo")).toBe(false);
  await chain.add("ben", member("cleo"), NOW - 99_999);
  expect(receives(chain, "cleo")).toBe(true);
  expect(await chain.add("ann", end("nobody"))).toBe("nobody");
});

test("[M5] there is always somebody who can sign", async () => {
  const chain = new Chain();
  await chain.add("ann", found("ann"));
  expect(await chain.add("ann", end("ann"))).toBe("last_admin");
  expect(await chain.add("ann", member("ann"))).toBe("last_admin");
  await chain.add("ann", admin("ben"));
  expect(await chain.add("ann", end("ann"))).toBeUndefined();
});

test("[M5] a rotated key signs no more, its successor does, and no key is taken over", async () => {
  const chain = await team();
  expect(await chain.add("ben", rotate("ann"))).toBe("key_in_use");
  expect(await chain.add("ben", rotate("ben two"))).toBeUndefined();
  expect(await chain.add("ben", member("dora"))).toBe("not_an_admin");
  expect(await chain.add("ben two", member("dora"))).toBeUndefined();
  expect(await chain.add("ann", admin("eve", "ben"))).toBe("key_in_use");
  expect(await chain.add("ben two", rotate("ben"))).toBe("key_in_use");
  expect(chain.roster.current.get(user("ben"))?.masterKey).toBe(masterKey("ben"));
});

test("[M5] an admin who lost everything is listed anew with new keys by another, and the old keys are good for nothing", async () => {
  const chain = await team();
  expect(await chain.add("ben", admin("ann", "ann two", "ann's new"))).toBeUndefined();
  expect(await chain.add("ann", end("ben"))).toBe("not_an_admin");
  expect(await chain.add("ann two", member("dora"))).toBeUndefined();
  expect([receives(chain, "ann"), receives(chain, "ann", "ann's new")]).toEqual([false, true]);
});

test("[M7] an end that was given counts by the reader's clock; a signer's clock that is ahead keeps nobody out", async () => {
  const chain = await team();
  await chain.add("ann", member("dora", { until: NOW + 500 }), NOW + 100_000);
  expect([NOW, NOW + 499, NOW + 500].map((now) => receives(chain, "dora", "dora", now))).toEqual([
    true,
    true,
    false,
  ]);
});

test("[M7] who was an admin when", async () => {
  const chain = await team();
  await chain.add("ann", end("ben"), NOW + 50);
  expect(
    [NOW, NOW + 1, NOW + 49, NOW + 50].map((at) => wasRosterAdmin(chain.roster, user("ben"), at)),
  ).toEqual([false, true, true, false]);
  // A clock that goes back does not put what comes later before what was.
  await chain.add("ann", admin("ben"), NOW);
  expect(chain.roster.current.get(user("ben"))?.from).toBe(NOW + 50);
});

test("[M6] what was pinned must be in it: another roster, or an old copy, lists nobody", async () => {
  const chain = await team();
  const pin = chain.roster.hashes[1] as RosterHash;
  const newest = rosterHead(chain.roster);
  expect((await read(chain.pages(), [pin, newest])).roster).toEqual(chain.roster);
  // A server that holds the newest statement back.
  expect(await read(chain.pages(2), [pin, newest])).toEqual({
    roster: EMPTY_ROSTER,
    refused: { index: 2, reason: "not_pinned" },
  });
  // A server that founds a roster of its own, with the real people and keys in it.
  const forged = new Chain();
  await forged.add("ghost", found("ann"));
  await forged.add("ghost", admin("ben"));
  await forged.add("ghost", member("cleo"));
  expect((await read(forged.pages(), [pin])).roster).toEqual(EMPTY_ROSTER);
  expect((await read(new Map(), [pin])).refused).toEqual({ index: 0, reason: "not_pinned" });
  expect(await read(new Map())).toEqual({ roster: EMPTY_ROSTER, refused: undefined });
});

test("[M6] what was read before stands, whatever the server takes back or puts in its place", async () => {
  const chain = await team();
  const known = (await read(chain.pages(2))).roster;
  expect((await read(chain.pages(), [], known)).roster).toEqual(chain.roster);
  expect(await read(chain.pages(1), [], known)).toEqual({
    roster: known,
    refused: { index: 1, reason: "not_pinned" },
  });
  const forged = new Chain();
  await forged.add("ghost", found("ann"));
  await forged.add("ghost", admin("ben"));
  await forged.add("ghost", member("ghost"));
  expect((await read(forged.pages(), [], known)).roster).toBe(known);
  // A place in the middle may be missing: the newest one that was read commits to it.
  const holed = chain.pages();
  holed.delete("0");
  expect((await read(holed.set("more", 1), [], known)).roster).toEqual(chain.roster);
});

test("[M2] statements of another org or for another purpose, and gaps, end the reading", async () => {
  const chain = await team();
  const spoiled = (change: object) =>
    chain.pages().set("2", { ...(chain.statements[2] as object), ...change });
  expect((await read(spoiled({ org: "other" }))).refused).toEqual({ index: 2, reason: "other_org" });
  expect((await read(spoiled({ purpose: "wipe" }))).refused).toEqual({ index: 2, reason: "malformed" });
  const gap = chain.pages();
  gap.delete("1");
  expect((await read(gap)).refused).toEqual({ index: 1, reason: "gap" });
  const swapped = chain.pages().set("1", chain.statements[2]).set("2", chain.statements[1]);
  expect((await read(swapped)).refused).toEqual({ index: 1, reason: "forked" });
});

const NAMES = ["ann", "ben", "cleo", "dora"];
const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
  fc.record({ by: name, said: name.map((who) => admin(who)) }),
  fc.record({ by: name, said: name.map((who) => member(who)) }),
  fc.record({ by: name, said: name.map((who) => end(who)) }),
);
/** Chains of what anybody tried, each starting with Ann's founding. */
const steps = fc.array(step, { maxLength: 25 });

async function tried(
  asked: readonly { by: string; said: ReturnType<typeof end> | object }[],
): Promise<Chain> {
  const chain = new Chain();
  await chain.add("ann", found("ann"));
  for (const { by, said } of asked) await chain.add(by, said as ReturnType<typeof end>);
  return chain;
}

test("[M4] in any history, only admins of that moment changed anything, and somebody always can", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (asked) => {
      const chain = new Chain();
      await chain.add("ann", found("ann"));
      // The same, told by a table of who is what.
      const roles = new Map([["ann", "admin"]]);
      for (const { by, said } of asked) {
        const who = said.user.slice(1, -2);
        const next = new Map(roles);
        if (said.kind === "end") next.delete(who);
        else next.set(who, said.kind);
        const counts =
          roles.get(by) === "admin" &&
          (said.kind !== "end" || roles.has(who)) &&
          [...next.values()].includes("admin");
        expect((await chain.add(by, said)) === undefined).toBe(counts);
        if (counts)
          for (const each of NAMES) {
            const role = next.get(each);
            if (role === undefined) roles.delete(each);
            else roles.set(each, role);
          }
      }
      for (const each of NAMES) expect([each, receives(chain, each)]).toEqual([each, roles.has(each)]);
      expect([...chain.roster.signers.values()].toSorted()).toEqual(
        NAMES.filter((each) => roles.get(each) === "admin").map(user),
      );
    }),
  );
});

test("[M6] any part of the chain from its beginning reads as it stood then, and reading again changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), async (asked, cut) => {
      const chain = await tried(asked);
      const length = 1 + (cut % chain.statements.length);
      const part = await read(chain.pages(length));
      expect(part.refused).toBeUndefined();
      expect(part.roster.hashes).toEqual(chain.roster.hashes.slice(0, length));
      expect((await read(chain.pages())).roster).toEqual(chain.roster);
    }),
  );
});

test("[M2] whatever is changed in a statement, nothing from there on counts", async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(), fc.nat(), async (asked, where, what) => {
      const chain = await tried(asked);
      const at = where % chain.statements.length;
      const statement = structuredClone(chain.statements[at]) as unknown as Record<string, unknown>;
      const body = statement["body"] as Record<string, unknown>;
      const changes: (() => void)[] = [
        () => (statement["at"] = Number(statement["at"]) + 1),
        () => (statement["key"] = signingKey("ghost")),
        () => (statement["signature"] = "A".repeat(86)),
        () => (body["user"] = "@ghost:x"),
        () => (body["master_key"] = masterKey("ghost")),
        () => (body["kind"] = body["kind"] === "admin" ? "member" : "admin"),
        () => (body["prev"] = "A".repeat(42) + "E"),
      ];
      changes[what % changes.length]?.();
      const pages = chain.pages().set(String(at), statement);
      const { roster, refused } = await read(pages);
      expect(refused?.index).toBe(at);
      expect(roster.hashes).toEqual(chain.roster.hashes.slice(0, at));
      expect(mayReceive(roster, user("ghost"), masterKey("ghost"), NOW)).toBe(false);
    }),
  );
});

test("[M2] nothing that stands in the room's state breaks the reader", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.anything(), { maxLength: 4 }), async (contents) => {
      const chain = await tried([]);
      const pages = chain.pages();
      contents.forEach((content, at) => pages.set(String(at + 1), content));
      expect((await read(pages)).roster.hashes).toEqual(chain.roster.hashes);
    }),
  );
});
