import { z } from "zod";
import { defineMessage } from "../define/message.ts";
import { SigningKey } from "../signed/statement.ts";
import { RosterHash } from "./statement.ts";

/** A new device of a person asks their other ones, by Olm, which roster to believe and for the key to sign with. */
export const RosterAsk = defineMessage({
  type: "org.hearth.roster_ask",
  kind: "system",
  words: { label: "Ask for the roster to believe" },
  schema: z.strictObject({ v: z.literal(1) }),
  example: { v: 1 },
});

/** The answer, by Olm, to a device that its owner has signed. */
export const RosterTell = defineMessage({
  type: "org.hearth.roster_tell",
  kind: "system",
  words: { label: "The roster to believe, and the key to sign with" },
  schema: z.strictObject({
    v: z.literal(1),
    /** The newest statement that the telling device has checked. */
    pin: RosterHash,
    public_key: SigningKey,
    /** PKCS #8, base64url. */
    private_key: z.string().regex(/^[A-Za-z0-9_-]{40,200}$/),
  }),
  example: { v: 1, pin: "A".repeat(43), public_key: "A".repeat(43), private_key: "A".repeat(64) },
});
