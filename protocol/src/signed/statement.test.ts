import { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { z } from "zod";
import { base64url, fromBase64url } from "../base64.ts";
import { OrgId, type Instant } from "../ids.ts";
import {
  isSigned,
  signedStatement,
  signStatement,
  SigningKey,
  statementBytes,
  type Verify,
} from "./statement.ts";

const { subtle } = webcrypto;
const verify: Verify = async (key, signature, bytes) =>
  subtle.verify(
    "Ed25519",
    await subtle.importKey("raw", key, "Ed25519", false, ["verify"]),
    signature,
    bytes,
  );

async function wipeBy() {
  const pair = (await subtle.generateKey("Ed25519", false, ["sign", "verify"])) as webcrypto.CryptoKeyPair;
  const raw = new Uint8Array(await subtle.exportKey("raw", pair.publicKey));
  const statement = await signStatement<Wipe>(
    {
      v: 1,
      purpose: "wipe",
      org: OrgId.parse("team"),
      key: SigningKey.parse(base64url(raw)),
      at: 1_767_225_600_000 as Instant,
      body: { device: "A" },
    },
    async (bytes) => new Uint8Array(await subtle.sign("Ed25519", pair.privateKey, bytes)),
  );
  return statement;
}

const Wipe = signedStatement("wipe", z.strictObject({ device: z.string() }));
type Wipe = z.infer<typeof Wipe>;

test("[G1] what is signed is a label, the purpose and canonical JSON", async () => {
  const { signature: _, ...unsigned } = await wipeBy();
  expect(new TextDecoder().decode(statementBytes(unsigned))).toBe(
    `hearth statement\nwipe\n{"at":1767225600000,"body":{"device":"A"},"key":"${unsigned.key}",` +
      `"org":"team","purpose":"wipe","v":1}`,
  );
});

test("[G2] a real Ed25519 signature holds for just what was signed, and survives JSON", async () => {
  const made = await wipeBy();
  const read = Wipe.parse(JSON.parse(JSON.stringify(made)));
  expect(await isSigned(read, verify)).toBe(true);
  const other = await wipeBy();
  const changes: Partial<Record<keyof Wipe, unknown>>[] = [
    { purpose: "grant" },
    { org: "other" },
    { at: made.at + 1 },
    { body: { device: "B" } },
    { key: other.key },
    { signature: other.signature },
    { signature: `${made.signature.slice(0, -1)}B` },
  ];
  for (const change of changes)
    expect([change, await isSigned({ ...made, ...change } as Wipe, verify)]).toEqual([change, false]);
  expect(Wipe.safeParse({ ...made, purpose: "grant" }).success).toBe(false);
  expect(Wipe.safeParse({ ...made, more: 1 }).success).toBe(false);
});

test("[G2] base64url comes back as it was written, and nothing else is read", () => {
  for (let length = 0; length < 40; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 91 + length) & 255);
    expect(fromBase64url(base64url(bytes))).toEqual(bytes);
  }
  for (const wrong of ["A", "AB", "A=", "A+", "A A", "ä"]) expect(fromBase64url(wrong)).toBeUndefined();
});
