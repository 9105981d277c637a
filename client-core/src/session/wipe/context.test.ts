import { DeviceId, DeviceKey, OrgId, rosterHash, wipeTarget, type RosterStatement } from "@hearth/protocol";
import { expect, test } from "vitest";
import { ACCOUNT, answerWith, ORG, OWN, rosterOf, signer, somebody, wipeBy } from "../testing/signedWipes.ts";
import type { Signer } from "../testing/signedWipes.ts";
import { headerContext, lookUpWipe, noteContext, noteOf, WipeNote } from "./context.ts";
import type { WipeContext } from "./context.ts";
import { MovedClock } from "../../work/movedClock.ts";

/** What is kept where the rest can't be read yet, when this was the newest of the roster. */
const KEPT: readonly [string, (newest: RosterStatement) => WipeContext | undefined][] = [
  [
    "a sealed header",
    (newest) =>
      headerContext({
        account: ACCOUNT,
        tokens: { accessToken: "t" },
        halfDigest: "",
        wipe: { org: ORG, newest: rosterHash(newest) },
      }),
  ],
  [
    "an app lock",
    (newest) => noteContext(WipeNote.parse({ target: wipeTarget(OWN), newest: rosterHash(newest) })),
  ],
];

/** What such a device learns when somebody hands out this. */
async function learns(context: WipeContext | undefined, record: unknown, handed: readonly RosterStatement[]) {
  if (!context) return "nothing";
  const fetch = () => Promise.resolve(Response.json(answerWith(record, handed)));
  return lookUpWipe(
    { fetch, baseUrl: "http://localhost", clock: new MovedClock() },
    context,
    new AbortController().signal,
  );
}

test.each(KEPT)(
  "[P7] %s that keeps one hash of the roster heeds its admins, old and new, and nobody else's",
  async (_where, kept) => {
    const [ann, ben, cleo, mallory] = [await signer(), await signer(), await signer(), await signer()];
    const chain = await rosterOf(
      [ann, { kind: "found", ...somebody("ann") }],
      [ann, { kind: "admin", ...somebody("ben"), signing_key: ben.key }],
      [ann, { kind: "end", user: somebody("ben").user }],
      [ann, { kind: "admin", ...somebody("cleo"), signing_key: cleo.key }],
    );
    const known = chain[2] && kept(chain[2]);
    const told = async (by: Signer, handed: readonly RosterStatement[]) =>
      learns(known, await wipeBy(by), handed);
    expect(await told(ann, chain)).toMatchObject({ obey: true, by: somebody("ann").user });
    expect(await told(cleo, chain)).toMatchObject({ obey: true, by: somebody("cleo").user });
    expect(await told(ben, chain)).toEqual({ obey: false, reason: "former_admin" });
    // The host holds back that Ben left.
    expect(await told(ben, chain.slice(0, 2))).toEqual({ obey: false, reason: "not_an_admin" });
    // Or makes a roster of its own.
    const forged = await rosterOf([mallory, { kind: "found", ...somebody("mallory") }]);
    expect(await told(mallory, forged)).toEqual({ obey: false, reason: "not_an_admin" });
    expect(await told(mallory, [...forged, ...chain.slice(1)])).toMatchObject({ obey: false });
    expect(await told(ann, [])).toEqual({ obey: false, reason: "not_an_admin" });
  },
);

test.each(KEPT)(
  "[P7] %s: an admin's word for another device, another org or without its signature is nothing",
  async (_where, kept) => {
    const ann = await signer();
    const chain = await rosterOf([ann, { kind: "found", ...somebody("ann") }]);
    const known = chain[0] && kept(chain[0]);
    const good = await wipeBy(ann);
    expect(await learns(known, good, chain)).toMatchObject({ obey: true });
    const others = [
      { ...OWN, device: DeviceId.parse("LAPTOP") },
      { ...OWN, key: DeviceKey.parse("E".repeat(43)) },
      { ...OWN, org: OrgId.parse("other") },
    ];
    for (const other of others)
      expect(await learns(known, await wipeBy(ann, other), chain)).toMatchObject({ obey: false });
    const { signature: _, ...unsigned } = good;
    const spoiled = [
      { ...good, signature: "A".repeat(86) },
      { ...good, org: "other" },
      { ...good, org: undefined },
      { ...good, body: { ...good.body, mode: "sign_out" } },
      unsigned,
      "wipe",
      null,
    ];
    for (const record of spoiled) expect(await learns(known, record, chain)).toMatchObject({ obey: false });
  },
);

test("[P7] what an app lock keeps for it are two hashes, by which nobody is named", async () => {
  const ann = await signer();
  const [founding] = await rosterOf([ann, { kind: "found", ...somebody("ann") }]);
  if (!founding) throw new Error("no roster");
  const context = KEPT[0]?.[1](founding);
  const note = context && noteOf(context);
  expect(note).toEqual({ target: wipeTarget(OWN), newest: rosterHash(founding) });
  expect(noteOf({ ...noteContext({ target: wipeTarget(OWN), newest: rosterHash(founding) }) })).toEqual(note);
  const text = JSON.stringify(note);
  for (const name of [OWN.user, OWN.device, OWN.key, ann.key, somebody("ann").user])
    expect(text).not.toContain(name);
  for (const target of ["../../_matrix", "", "A".repeat(42), 7])
    expect(WipeNote.safeParse({ ...note, target }).success).toBe(false);
});

test("a sealed header that knows no roster heeds nobody", () => {
  expect(headerContext({ account: ACCOUNT, tokens: { accessToken: "t" }, halfDigest: "" })).toBeUndefined();
});
