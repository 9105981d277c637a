import { sha256 } from "@noble/hashes/sha2.js";
import { base64url } from "../../base64.ts";
import { OrgId, type Instant, type UserId } from "../../ids.ts";
import { signStatement, SigningKey, type Sign, type Verify } from "../../signed/statement.ts";
import { EMPTY_ROSTER, nextRoster, rosterHead, type Roster } from "../roster.ts";
import { MasterKey, type RosterBody, type RosterStatement } from "../statement.ts";

export const ORG = OrgId.parse("team");
export const NOW = 1_767_225_600_000;
export const user = (name: string): UserId => `@${name}:x` as UserId;
const digest = (text: string) => sha256(new TextEncoder().encode(text));
export const masterKey = (name: string): MasterKey =>
  MasterKey.parse(
    base64url(digest(`master ${name}`))
      .replaceAll("-", "+")
      .replaceAll("_", "/"),
  );
export const signingKey = (name: string): SigningKey => SigningKey.parse(base64url(digest(`key ${name}`)));

const label = (key: Uint8Array, bytes: Uint8Array) =>
  sha256(new TextEncoder().encode(`${base64url(key)}\n${base64url(bytes)}`));

/**
 * Stands in for Ed25519 where thousands of signatures are wanted: a hash of key and bytes, so that a change to either
 * shows. Anybody can forge it; statement.test.ts has the real one.
 */
export const hashSigner =
  (name: string): Sign =>
  async (bytes) => {
    const half = label(digest(`key ${name}`), bytes);
    return new Uint8Array([...half, ...half]);
  };
export const hashVerify: Verify = async (key, signature, bytes) => {
  const half = base64url(label(key, bytes));
  return base64url(signature.subarray(0, 32)) === half && base64url(signature.subarray(32)) === half;
};

type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;

/** A roster that admins write one statement after the other. */
export class Chain {
  roster: Roster = EMPTY_ROSTER;
  readonly statements: RosterStatement[] = [];

  /** A signed statement that follows on the newest, whether or not it counts. */
  async make(key: string, said: Said, at = NOW + this.statements.length): Promise<RosterStatement> {
    const body: RosterBody = { ...said, index: this.statements.length, prev: rosterHead(this.roster) };
    return signStatement<RosterStatement>(
      { v: 1, purpose: "roster", org: ORG, key: signingKey(key), at: at as Instant, body },
      hashSigner(key),
    );
  }

  /** @returns why it does not count; undefined when it does */
  async add(key: string, said: Said, at?: number): Promise<string | undefined> {
    const statement = await this.make(key, said, at);
    const next = nextRoster(this.roster, statement);
    if (typeof next === "string") return next;
    this.roster = next;
    this.statements.push(statement);
    return undefined;
  }

  pages(count = this.statements.length): Map<string, unknown> {
    return new Map(
      this.statements.slice(0, count).map((statement, index) => [String(index), structuredClone(statement)]),
    );
  }
}

export const found = (name: string) =>
  ({ kind: "found", user: user(name), master_key: masterKey(name) }) as const;
export const admin = (name: string, key = name, master = name) =>
  ({
    kind: "admin",
    user: user(name),
    master_key: masterKey(master),
    signing_key: signingKey(key),
  }) as const;
export const member = (name: string, more: { master?: string; until?: number } = {}) =>
  ({
    kind: "member",
    user: user(name),
    master_key: masterKey(more.master ?? name),
    role: "member",
    ...(more.until === undefined ? {} : { until: more.until as Instant }),
  }) as const;
export const end = (name: string) => ({ kind: "end", user: user(name) }) as const;
export const rotate = (key: string) => ({ kind: "rotate", signing_key: signingKey(key) }) as const;
