import type { UserVerificationStatus } from "matrix-js-sdk/lib/crypto-api/index.js";
import type { MemberRow } from "../contract/index.ts";

export type Identity = MemberRow["identity"];

/** What a status of the SDK says of somebody's cross-signing identity. */
export function identityIn(status: UserVerificationStatus): Identity {
  if (!status.known) return "none";
  if (status.isCrossSigningVerified()) return "verified";
  return status.needsUserApproval || status.wasCrossSigningVerified() ? "changed" : "fine";
}
