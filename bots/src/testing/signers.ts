// Statements that admins' clients sign, for unit tests: with real keys.
import { generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";
import {
  EMPTY_ROSTER,
  MasterKey,
  nextRoster,
  rosterHead,
  RosterEvent,
  signStatement,
  SigningKey,
} from "@hearth/protocol";
import type { Instant, OrgId, Roster, RosterBody, RosterStatement, WipeRecord } from "@hearth/protocol";
import type { RawEvent } from "../homeserver.ts";
import { admin, BOT, event, NOW, ORG, orgEvents } from "./org.ts";

export type Signer = { readonly publicKey: SigningKey; readonly privateKey: KeyObject };

function newSigner(): Signer {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: SigningKey.parse(publicKey.export({ format: "jwk" }).x), privateKey };
}

/** The admin's, who founds the roster. */
export const adminKey = newSigner();
export const otherKey = newSigner();
export const master = MasterKey.parse("A".repeat(43));

/** What of a statement a test may want otherwise than right: by the admin, now, in this org. */
export type Otherwise = { readonly key?: Signer; readonly at?: number; readonly org?: string };

export function signed<Statement extends RosterStatement | WipeRecord>(
  said: Pick<Statement, "purpose" | "body">,
  { key = adminKey, at = NOW, org = ORG }: Otherwise = {},
): Promise<Statement> {
  const whole = { v: 1, org: org as OrgId, key: key.publicKey, at: at as Instant, ...said };
  return signStatement<Statement>(whole as Omit<Statement, "signature">, (bytes) =>
    Promise.resolve(new Uint8Array(sign(null, bytes, key.privateKey))),
  );
}

export type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;

/** The statement that comes next in the roster. */
export function statement(said: Said, roster: Roster, otherwise?: Otherwise): Promise<RosterStatement> {
  const body: RosterBody = { ...said, index: roster.hashes.length, prev: rosterHead(roster) };
  return signed<RosterStatement>({ purpose: "roster", body }, otherwise);
}

export const founding = { kind: "found", user: admin, master_key: master } satisfies Said;

/** An org whose roster the admin has founded: the statement, the roster then, and the org's state. */
export async function founded(): Promise<{ first: RosterStatement; roster: Roster; events: RawEvent[] }> {
  const first = await statement(founding, EMPTY_ROSTER);
  const roster = nextRoster(EMPTY_ROSTER, first);
  if (typeof roster === "string") throw new Error(roster);
  return { first, roster, events: [...orgEvents(), event(BOT, RosterEvent.type, first, { key: "0" })] };
}
