import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { Duration } from "../../duration.ts";
import { InviteId, RoleId } from "../../ids.ts";
import { SecretHash } from "../../org/invite.ts";

/** Result data: { invite, token, expires_at }. Whoever asks keeps the secret and makes the link. */
export const InviteCreate = defineCommand({
  name: "invite create",
  args: z.object({
    invite: InviteId,
    secret_hash: SecretHash,
    roles: z.array(RoleId).max(20),
    note: z.string().max(100).optional(),
    expires_in: Duration.optional(),
  }),
  permission: "invite_to_org",
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: {
    // The hash is not secret, and says nothing to anybody.
    keeps: ({ secret_hash: _hash, ...args }) => args,
    sentence: ({ roles }) => `made an invite${roles.length > 0 ? ` with ${roles.join(", ")}` : ""}`,
  },
  text: {
    words: [{ arg: "roles", shown: "role,role", as: "list" }],
    pairs: {
      note: { arg: "note", shown: '"for whom"', as: "text" },
      expires: { arg: "expires_in", shown: "7d", as: "duration" },
    },
  },
  help: "makes an invite for one person",
  words: { label: "Invite somebody" },
  example: {
    invite: "AAAAAAAAAAAAAAAAAAAAAA",
    secret_hash: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    roles: ["responder"],
  },
});
