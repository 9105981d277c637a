import { z } from "zod";
import { Instant, RoleId, UserId } from "../ids.ts";
import { defineState } from "../define/state.ts";
import { openObject } from "../define/unknown.ts";
import { MasterKey } from "../roster/statement.ts";
import { SigningKey } from "../signed/statement.ts";

export const SecretHash = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "must be a SHA-256 in base64url");

/** Which keys a newcomer has, with the proof that whoever made the invite can check (SPEC [V3]). */
export const NewcomerKeys = z.object({
  master_key: MasterKey,
  signing_key: SigningKey,
  proof: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type NewcomerKeys = z.infer<typeof NewcomerKeys>;

/**
 * A pending, used or withdrawn invite; its state key is the invite's id. It holds the hash of the secret, never
 * the secret or the registration token: those are in the link only.
 */
export const InviteContent = openObject({
  v: z.literal(1),
  secret_hash: SecretHash,
  roles: z.array(RoleId).max(20),
  note: z.string().max(100).optional(),
  created_by: UserId,
  created_at: Instant,
  expires_at: Instant,
  status: z.enum(["pending", "accepted", "revoked"]),
  accepted_by: UserId.optional(),
  keys: NewcomerKeys.optional(),
});
export type InviteContent = z.infer<typeof InviteContent>;

export const Invite = defineState({
  type: "org.hearth.invite",
  words: { label: "Invite" },
  writer: "bot",
  limit: 8 * 1024,
  schema: InviteContent,
  example: {
    v: 1,
    secret_hash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    roles: ["responder"],
    created_by: "@example:hearth.localhost",
    created_at: 1767225600000,
    expires_at: 1767830400000,
    status: "pending",
  },
});
