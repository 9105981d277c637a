import type { MatrixClient } from "../../sdk/names.ts";
import { trackedUsers } from "../../sdk/client.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { withdrawVerification } from "../../sdk/machine.ts";

/**
 * After one's own identity was replaced, nobody is verified by it. The crypto machine remembers who was, and takes all
 * of them for people whose identity changed: it would send nothing to anybody. So that memory goes, with the identity
 * whose word it was. Somebody whose identity did change is still told from what this device saw first.
 */
export async function forgetWhomTheOldOneVerified(client: MatrixClient): Promise<void> {
  const crypto = cryptoOf(client);
  for (const userId of await trackedUsers(client)) {
    if (userId === client.getUserId()) continue;
    const status = await crypto.getUserVerificationStatus(userId);
    if (status.known && status.wasCrossSigningVerified() && !status.isCrossSigningVerified())
      await withdrawVerification(client, userId);
  }
}
