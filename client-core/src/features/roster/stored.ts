import { EMPTY_ROSTER, OrgId, readRoster, type Roster, type Verify } from "@hearth/protocol";
import type { Records } from "../../session/api.ts";

/** The chain as far as it was read, kept on the device: the server can't take back what stands here. */
export type StoredRoster = {
  readonly v: 1;
  readonly org: string;
  readonly pages: readonly (readonly [string, unknown])[];
};

export const verifyEd25519: Verify = async (key, signature, bytes) => {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, bytes);
  } catch {
    // No point on the curve.
    return false;
  }
};

/**
 * The roster as this device has last read it. Also for when no workspace runs: a device that the server lets in no more
 * checks by it who signed that it be wiped. Nobody is on it when nothing is stored.
 */
export async function storedRoster(
  records: Pick<Records, "get">,
): Promise<{ readonly roster: Roster; readonly pages: StoredRoster["pages"] }> {
  const stored = await records.get<StoredRoster>("roster", "chain");
  const org = OrgId.safeParse(stored?.org).data;
  if (stored?.v !== 1 || org === undefined) return { roster: EMPTY_ROSTER, pages: [] };
  const { roster } = await readRoster(new Map(stored.pages), { org, pins: [], verify: verifyEd25519 });
  return { roster, pages: stored.pages.slice(0, roster.hashes.length) };
}
