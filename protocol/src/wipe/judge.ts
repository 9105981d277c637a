import type { OrgId, UserId } from "../ids.ts";
import type { Roster } from "../roster/roster.ts";
import { isSigned, type Verify } from "../signed/statement.ts";
import { WipeRecord, type WipeMode, type WipeTarget } from "./record.ts";

/** Why a device does not heed what may be a wipe record. A closed list. */
export const WIPE_REFUSALS = [
  "malformed",
  "other_org",
  /** For another device, or for one of this id that had other keys: an old record, or a forged one. */
  "other_device",
  /** Its key is nobody's on the roster, or a member's who never was an admin. */
  "not_an_admin",
  /** Its signer was an admin, or had this key, and does no more. */
  "former_admin",
  "bad_signature",
] as const;
export type WipeRefusal = (typeof WIPE_REFUSALS)[number];

export type WipeVerdict =
  | { readonly obey: true; readonly mode: WipeMode; readonly by: UserId; readonly at: number }
  | { readonly obey: false; readonly reason: WipeRefusal };

/**
 * Whether this device is to destroy its keys (SPEC [W2], [W3]). Nothing else may decide it. Never throws.
 * @param record hostile input
 * @param options.roster as this device believes it: checked from what it pinned
 */
export async function judgeWipe(
  record: unknown,
  options: {
    readonly own: { readonly org: OrgId; readonly target: WipeTarget };
    readonly roster: Roster;
    readonly verify: Verify;
  },
): Promise<WipeVerdict> {
  const refused = (reason: WipeRefusal): WipeVerdict => ({ obey: false, reason });
  const { own, roster, verify } = options;
  const parsed = WipeRecord.safeParse(record);
  if (!parsed.success) return refused("malformed");
  const { org, key, at, body } = parsed.data;
  if (org !== own.org) return refused("other_org");
  if (body.target !== own.target) return refused("other_device");
  const by = roster.signers.get(key);
  if (by === undefined) return refused(wasAdminsKey(roster, key) ? "former_admin" : "not_an_admin");
  if (!(await isSigned(parsed.data, verify))) return refused("bad_signature");
  return { obey: true, mode: body.mode, by, at };
}

function wasAdminsKey(roster: Roster, key: WipeRecord["key"]): boolean {
  const owner = roster.owners.get(key);
  const said = owner === undefined ? [] : (roster.entries.get(owner) ?? []);
  return said.some(({ role, signingKey }) => role === "admin" && signingKey === key);
}
