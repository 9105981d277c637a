import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { InviteId } from "../ids.ts";
import { inviteProof, proofKey, shownSecret } from "./inviteProof.ts";
import { masterKey, ORG, signingKey, user } from "./testing/admins.ts";

const secret = "s".repeat(43);
const sam = {
  org: ORG,
  invite: "inviteinviteinviteinvi" as InviteId,
  user: user("sam"),
  master_key: masterKey("sam"),
  signing_key: signingKey("sam"),
};

test("[V3] what the bot is shown and what the proof is made with are two hashes of the secret", () => {
  const sha = (text: string) => createHash("sha256").update(text).digest("base64url");
  expect(shownSecret(secret)).toBe(sha(`hearth invite shown\n${secret}`));
  expect(proofKey(secret)).toBe(sha(`hearth invite proof\n${secret}`));
});

test("[V3] the proof is good for one person's keys, one invite and one org only", () => {
  const key = proofKey(secret);
  const { org, invite, user: who, master_key, signing_key } = sam;
  const text =
    `hearth invite keys\n{"invite":"${invite}","master_key":"${master_key}","org":"${org}",` +
    `"signing_key":"${signing_key}","user":"${who}"}`;
  const proof = inviteProof(key, sam);
  expect(proof).toBe(createHmac("sha256", key).update(text).digest("base64url"));
  const others = [
    { ...sam, master_key: masterKey("ghost") },
    { ...sam, signing_key: signingKey("ghost") },
    { ...sam, user: user("ghost") },
    { ...sam, org: "other" as typeof ORG },
    { ...sam, invite: "I".repeat(22) as InviteId },
  ];
  for (const other of others) expect(inviteProof(key, other)).not.toBe(proof);
  expect(inviteProof(shownSecret(secret), sam)).not.toBe(proof);
});
