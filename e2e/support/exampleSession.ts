import { generateKeyPairSync, randomBytes } from "node:crypto";

/** A session of a made-up room, as it stands in an export of room keys. It opens nothing. */
export function exampleSession() {
  const { x = "" } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  const signingKey = Buffer.from(x, "base64url");
  const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replaceAll("=", "");
  const version = 1;
  const index = [0, 0, 0, 0];
  return {
    algorithm: "m.megolm.v1.aes-sha2",
    room_id: `!example-${randomBytes(4).toString("hex")}`,
    sender_key: unpadded(randomBytes(32)),
    session_id: unpadded(signingKey),
    session_key: unpadded(Buffer.from([version, ...index, ...randomBytes(128), ...signingKey])),
    sender_claimed_keys: { ed25519: unpadded(signingKey) },
    forwarding_curve25519_key_chain: [],
  };
}
