import fc from "fast-check";
import { expect, test } from "vitest";
import { DeviceId, OrgId, type Instant } from "../ids.ts";
import {
  admin,
  Chain,
  end,
  found,
  hashSigner,
  hashVerify,
  masterKey,
  member,
} from "../roster/testing/admins.ts";
import { NOW, ORG, rotate, signingKey, user } from "../roster/testing/admins.ts";
import { signStatement } from "../signed/statement.ts";
import { judgeWipe, type WipeVerdict } from "./judge.ts";
import { DeviceKey, wipeTarget, type WipedDevice, type WipeRecord } from "./record.ts";

const key = (name: string) => DeviceKey.parse(masterKey(`device ${name}`));
const CLEOS: WipedDevice = {
  org: ORG,
  user: user("cleo"),
  device: DeviceId.parse("PHONE"),
  key: key("cleo's phone"),
};

/** Ann founded it; Ben is an admin too; Cleo is a member. */
async function team(): Promise<Chain> {
  const chain = new Chain();
  await chain.add("ann", found("ann"));
  await chain.add("ann", admin("ben"));
  await chain.add("ben", member("cleo"));
  expect(chain.statements).toHaveLength(3);
  return chain;
}

function record(by: string, device: WipedDevice = CLEOS, at = NOW): Promise<WipeRecord> {
  return signStatement<WipeRecord>(
    {
      v: 1,
      purpose: "wipe",
      org: device.org,
      key: signingKey(by),
      at: at as Instant,
      body: { target: wipeTarget(device), mode: "keys" },
    },
    hashSigner(by),
  );
}

const judge = (given: unknown, { roster }: Chain, own = CLEOS): Promise<WipeVerdict> =>
  judgeWipe(given, { own: { org: own.org, target: wipeTarget(own) }, roster, verify: hashVerify });
const refused = (reason: string) => ({ obey: false, reason });

test("[W2] a device heeds a record that an admin of the roster signed for it", async () => {
  const chain = await team();
  const heeded = { obey: true, mode: "keys", by: user("ben"), at: NOW };
  expect(await judge(await record("ben"), chain)).toEqual(heeded);
  expect(await judge(JSON.parse(JSON.stringify(await record("ben"))), chain)).toEqual(heeded);
});

test("[W2] it does not heed who never was an admin, and nobody where it knows no roster", async () => {
  const chain = await team();
  for (const name of ["cleo", "stranger"])
    expect(await judge(await record(name), chain)).toEqual(refused("not_an_admin"));
  expect(await judge(await record("ann"), new Chain())).toEqual(refused("not_an_admin"));
});

test("[W2] it does not heed a former admin, whatever time they write, nor a key that was rotated away", async () => {
  const gone = await team();
  await gone.add("ann", end("ben"), NOW + 50);
  for (const at of [NOW, NOW + 1, NOW + 100])
    expect(await judge(await record("ben", CLEOS, at), gone)).toEqual(refused("former_admin"));
  const demoted = await team();
  await demoted.add("ann", member("ben"));
  expect(await judge(await record("ben"), demoted)).toEqual(refused("former_admin"));
  const rotated = await team();
  await rotated.add("ben", rotate("ben 2"));
  expect(await judge(await record("ben"), rotated)).toEqual(refused("former_admin"));
  expect(await judge(await record("ben 2"), rotated)).toMatchObject({ obey: true, by: user("ben") });
});

test("[W1] a record is for one device with the keys that it had, and for no other", async () => {
  const chain = await team();
  const others: WipedDevice[] = [
    { ...CLEOS, key: key("cleo's phone, set up anew") },
    { ...CLEOS, device: DeviceId.parse("LAPTOP") },
    { ...CLEOS, user: user("dora") },
  ];
  const signed = await record("ben");
  for (const own of others) expect(await judge(signed, chain, own)).toEqual(refused("other_device"));
  const elsewhere = { ...CLEOS, org: OrgId.parse("other") };
  expect(await judge(signed, chain, elsewhere)).toEqual(refused("other_org"));
  expect(new Set([CLEOS, elsewhere, ...others].map(wipeTarget)).size).toBe(5);
});

test("[W1] no two devices have one target, however their parts are cut", () => {
  const part = fc.string({ minLength: 1, maxLength: 8 });
  const device = fc.record({ org: part, user: part, device: part, key: part }) as fc.Arbitrary<never>;
  fc.assert(
    fc.property(device, device, (a: WipedDevice, b: WipedDevice) => {
      expect(wipeTarget(a) === wipeTarget(b)).toBe(
        [a.org, a.user, a.device, a.key].join("\0") === [b.org, b.user, b.device, b.key].join("\0"),
      );
    }),
  );
});

test("[W2] whatever is changed in a record, it is not heeded", async () => {
  const chain = await team();
  const signed = await record("ben");
  const paths = ["v", "purpose", "org", "key", "at", "signature", "body.target", "body.mode"];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), fc.jsonValue(), async (path, value) => {
      const spoiled = structuredClone(signed) as unknown as Record<string, Record<string, unknown>>;
      const [outer = "", inner] = path.split(".");
      const before = inner === undefined ? spoiled[outer] : spoiled[outer]?.[inner];
      fc.pre(JSON.stringify(before) !== JSON.stringify(value));
      if (inner === undefined) (spoiled as Record<string, unknown>)[outer] = value;
      else (spoiled[outer] ??= {})[inner] = value;
      expect(await judge(spoiled, chain)).toMatchObject({ obey: false });
    }),
  );
  // What an admin could want, but did not sign.
  const other: WipeRecord = { ...signed, body: { ...signed.body, mode: "sign_out" } };
  expect(await judge(other, chain)).toEqual(refused("bad_signature"));
  const as: WipeRecord = { ...(await record("cleo")), key: signingKey("ben") };
  expect(await judge(as, chain)).toEqual(refused("bad_signature"));
});

test("[W2] a statement that an admin signed for something else is no wipe", async () => {
  const chain = await team();
  for (const statement of chain.statements)
    expect(await judge({ ...statement, purpose: "wipe" }, chain)).toEqual(refused("malformed"));
  const elsewhere = await signStatement(
    {
      v: 1,
      purpose: "grant",
      org: ORG,
      key: signingKey("ben"),
      at: NOW as Instant,
      body: { target: wipeTarget(CLEOS), mode: "keys" },
    },
    hashSigner("ben"),
  );
  expect(await judge({ ...elsewhere, purpose: "wipe" }, chain)).toEqual(refused("bad_signature"));
});

test("[W2] nothing that comes is a reason to throw", async () => {
  const chain = await team();
  await fc.assert(
    fc.asyncProperty(fc.anything(), async (anything) => {
      expect(await judge(anything, chain)).toEqual(refused("malformed"));
    }),
  );
});
