import { z } from "zod";
import { base64url, fromBase64url } from "../base64.ts";
import { Instant, OrgId } from "../ids.ts";
import { canonicalJson } from "../request/canonical.ts";

/** An Ed25519 public key, base64url without padding. */
export const SigningKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .brand("SigningKey");
export type SigningKey = z.infer<typeof SigningKey>;

const Signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);

/**
 * What an admin signs with their signing key, as it travels. The purpose is part of what is signed: a statement made
 * for one thing is never good for another.
 */
export const signedStatement = <const Purpose extends string, Body extends z.ZodType>(
  purpose: Purpose,
  body: Body,
) =>
  z.strictObject({
    v: z.literal(1),
    purpose: z.literal(purpose),
    org: OrgId,
    key: SigningKey,
    /** The signer's clock. */
    at: Instant,
    body,
    signature: Signature,
  });

export type Statement = z.infer<ReturnType<typeof signedStatement<string, z.ZodType>>>;
export type Unsigned<S extends Statement> = Omit<S, "signature">;

/** Ed25519, brought by the caller: signing and checking need WebCrypto, which this package does not touch. */
export type Sign = (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
export type Verify = (
  key: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
) => Promise<boolean>;

/** The bytes that are signed (SPEC [G1]): a label, the purpose, and the canonical JSON of all but the signature. */
export function statementBytes(statement: Unsigned<Statement>): Uint8Array<ArrayBuffer> {
  const { v, purpose, org, key, at, body } = statement;
  const text = `hearth statement\n${purpose}\n${canonicalJson({ v, purpose, org, key, at, body })}`;
  return new TextEncoder().encode(text);
}

/** @param sign with the private half of `statement.key` */
export async function signStatement<S extends Statement>(statement: Unsigned<S>, sign: Sign): Promise<S> {
  const signature = base64url(await sign(statementBytes(statement)));
  return { ...statement, signature } as S;
}

/** Whether whoever holds the key that the statement names signed just this. Whether they may is another question. */
export async function isSigned(statement: Statement, verify: Verify): Promise<boolean> {
  const key = fromBase64url(statement.key);
  const signature = fromBase64url(statement.signature);
  return key !== undefined && signature !== undefined
    ? verify(key, signature, statementBytes(statement))
    : false;
}
