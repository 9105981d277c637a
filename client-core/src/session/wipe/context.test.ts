import {
  base64url,
  DeviceId,
  DeviceKey,
  MasterKey,
  NOTHING_BEFORE,
  OrgId,
  rosterHash,
  signStatement,
  SigningKey,
  UserId,
  wipeTarget,
  type Instant,
  type RosterBody,
  type RosterHash,
  type RosterStatement,
  type WipeRecord,
} from "@hearth/protocol";
import { expect, test } from "vitest";
import { doorContext, lookUpWipe } from "./context.ts";

const ORG = OrgId.parse("team");
const NOW = Date.UTC(2026, 0, 1) as Instant;
const somebody = (name: string) => ({
  user: UserId.parse(`@${name}:x`),
  master_key: MasterKey.parse(name.padEnd(43, "A")),
});
const account = {
  userId: "@dee:x",
  deviceId: "PHONE",
  deviceKey: "D".repeat(43),
  cryptoMade: true,
  encryption: "done",
} as const;
const own = {
  org: ORG,
  user: UserId.parse(account.userId),
  device: DeviceId.parse(account.deviceId),
  key: DeviceKey.parse(account.deviceKey),
};

async function signer() {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {
    key: SigningKey.parse(base64url(raw)),
    sign: async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes)),
  };
}
type Signer = Awaited<ReturnType<typeof signer>>;
type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;

/** A roster, from its founding on. */
async function roster(...statements: [Signer, Said][]): Promise<RosterStatement[]> {
  const made: RosterStatement[] = [];
  let prev: RosterHash = NOTHING_BEFORE;
  for (const [{ key, sign }, said] of statements) {
    const body: RosterBody = { ...said, index: made.length, prev };
    const unsigned = { v: 1, purpose: "roster", org: ORG, key, at: NOW, body } as const;
    const statement = await signStatement<RosterStatement>(unsigned, sign);
    prev = rosterHash(statement);
    made.push(statement);
  }
  return made;
}

/** What the door learns when somebody hands out this record, with this roster. */
async function learns(newest: RosterStatement | undefined, by: Signer, handed: readonly RosterStatement[]) {
  const unsigned = { v: 1, purpose: "wipe", org: ORG, key: by.key, at: NOW } as const;
  const body = { target: wipeTarget(own), mode: "keys" } as const;
  const record = await signStatement<WipeRecord>({ ...unsigned, body }, by.sign);
  const context = doorContext({
    account,
    tokens: { accessToken: "t" },
    halfDigest: "",
    ...(newest ? { wipe: { org: ORG, newest: rosterHash(newest) } } : {}),
  });
  if (!context) return "nothing";
  const answer = { v: 1, record, roster: Object.fromEntries(handed.entries()) };
  const fetch = () => Promise.resolve(Response.json(answer));
  return lookUpWipe({ fetch, baseUrl: "http://localhost" }, context, new AbortController().signal);
}

test("[P7] a door that keeps one hash of the roster heeds its admins, old and new, and nobody else's", async () => {
  const [ann, ben, cleo, mallory] = [await signer(), await signer(), await signer(), await signer()];
  const chain = await roster(
    [ann, { kind: "found", ...somebody("ann") }],
    [ann, { kind: "admin", ...somebody("ben"), signing_key: ben.key }],
    [ann, { kind: "end", user: somebody("ben").user }],
    [ann, { kind: "admin", ...somebody("cleo"), signing_key: cleo.key }],
  );
  const known = chain[2];
  expect(await learns(known, ann, chain)).toMatchObject({ obey: true, by: somebody("ann").user });
  expect(await learns(known, cleo, chain)).toMatchObject({ obey: true, by: somebody("cleo").user });
  expect(await learns(known, ben, chain)).toEqual({ obey: false, reason: "former_admin" });
  // The host holds back that Ben left.
  expect(await learns(known, ben, chain.slice(0, 2))).toEqual({ obey: false, reason: "not_an_admin" });
  // Or makes a roster of its own.
  const forged = await roster([mallory, { kind: "found", ...somebody("mallory") }]);
  expect(await learns(known, mallory, forged)).toEqual({ obey: false, reason: "not_an_admin" });
  expect(await learns(known, mallory, [...forged, ...chain.slice(1)])).toMatchObject({ obey: false });
  expect(await learns(undefined, mallory, forged)).toBe("nothing");
});
