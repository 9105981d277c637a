import { generateKeyPairSync, sign, verify as check, createPublicKey } from "node:crypto";
import { expect, test } from "vitest";
import { unpaddedBase64 } from "../base64.ts";
import { SigningKey, type Verify } from "../signed/statement.ts";
import { announcement, AnnouncedKey, isAnnounced } from "./announcedKey.ts";
import { MasterKey } from "./statement.ts";
import { user } from "./testing/admins.ts";

const owner = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const x = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  return { masterKey: MasterKey.parse(unpaddedBase64(x)), privateKey };
};
const verify: Verify = (key, signature, bytes) => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key).toString("base64url") };
  return Promise.resolve(check(null, bytes, createPublicKey({ format: "jwk", key: jwk }), signature));
};

test("[M10] a signing key is somebody's if the very master key that was compared has signed it for them", async () => {
  const [sam, ghost] = [owner(), owner()];
  const key = SigningKey.parse("k".repeat(43));
  const by = ({ privateKey }: typeof sam, who = user("sam"), what = key) =>
    AnnouncedKey.parse({
      key,
      signature: unpaddedBase64(sign(null, Buffer.from(announcement(who, what)), privateKey)),
    });
  expect(await isAnnounced(user("sam"), sam.masterKey, by(sam), verify)).toBe(true);
  expect(await isAnnounced(user("sam"), sam.masterKey, by(ghost), verify)).toBe(false);
  expect(await isAnnounced(user("sam"), ghost.masterKey, by(sam), verify)).toBe(false);
  expect(await isAnnounced(user("ann"), sam.masterKey, by(sam), verify)).toBe(false);
  const other = SigningKey.parse("o".repeat(43));
  expect(await isAnnounced(user("sam"), sam.masterKey, by(sam, user("sam"), other), verify)).toBe(false);
});
