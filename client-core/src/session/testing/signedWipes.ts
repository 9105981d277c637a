import {
  base64url,
  DeviceId,
  DeviceKey,
  MasterKey,
  NOTHING_BEFORE,
  OrgId,
  rosterHash,
  signStatement,
  SigningKey,
  UserId,
  wipeTarget,
  type Instant,
  type RosterBody,
  type RosterHash,
  type RosterStatement,
  type WipedDevice,
  type WipeRecord,
} from "@hearth/protocol";
import type { Account } from "../vault.ts";

export const ORG = OrgId.parse("team");
const NOW = Date.UTC(2026, 0, 1) as Instant;

export const somebody = (name: string) => ({
  user: UserId.parse(`@${name}:x`),
  master_key: MasterKey.parse(name.padEnd(43, "A")),
});

/** The device that is to be wiped. */
export const ACCOUNT: Account = {
  userId: "@dee:x",
  deviceId: "PHONE",
  deviceKey: "D".repeat(43),
  cryptoMade: true,
  encryption: "done",
};
export const OWN: WipedDevice = {
  org: ORG,
  user: UserId.parse("@dee:x"),
  device: DeviceId.parse("PHONE"),
  key: DeviceKey.parse("D".repeat(43)),
};

/** Somebody with a signing key of their own, whether or not any roster names it. */
export async function signer() {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return {
    key: SigningKey.parse(base64url(raw)),
    sign: async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, bytes)),
  };
}
export type Signer = Awaited<ReturnType<typeof signer>>;

type Said = RosterBody extends infer Body
  ? Body extends RosterBody
    ? Omit<Body, "index" | "prev">
    : never
  : never;

/** A roster, from its founding on. */
export async function rosterOf(...statements: [Signer, Said][]): Promise<RosterStatement[]> {
  const made: RosterStatement[] = [];
  let prev: RosterHash = NOTHING_BEFORE;
  for (const [{ key, sign }, said] of statements) {
    const body: RosterBody = { ...said, index: made.length, prev };
    const unsigned = { v: 1, purpose: "roster", org: ORG, key, at: NOW, body } as const;
    const statement = await signStatement<RosterStatement>(unsigned, sign);
    prev = rosterHash(statement);
    made.push(statement);
  }
  return made;
}

/** A wipe of this device, or of another one. */
export function wipeBy({ key, sign }: Signer, device: WipedDevice = OWN): Promise<WipeRecord> {
  const unsigned = { v: 1, purpose: "wipe", org: device.org, key, at: NOW } as const;
  const body = { target: wipeTarget(device), mode: "keys" } as const;
  return signStatement<WipeRecord>({ ...unsigned, body }, sign);
}

/** What our origin answers, with the roster as whoever answers wants it to be. */
export function answerWith(record: unknown, roster: readonly RosterStatement[]): object {
  return { v: 1, record, roster: Object.fromEntries(roster.entries()) };
}
