import { CryptoEvent, type VerificationRequest } from "../../sdk/names.ts";
import type { LiveSession } from "../../session/live.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { isSigned } from "./ask.ts";

const EVENTS = [CryptoEvent.DevicesUpdated, CryptoEvent.UserTrustStatusChanged] as const;

/**
 * A comparison that went well is followed by signatures: each person signs the other's identity, and of two own devices
 * the signed one signs the other. They are uploaded, and come back with the next look at the keys.
 * @returns false when they did not come within `atMostMs`
 */
export async function waitForSignatures(
  live: LiveSession,
  request: VerificationRequest,
  atMostMs: number,
): Promise<boolean> {
  const { client } = live;
  const { otherUserId, otherDeviceId, isSelfVerification } = request;
  const crypto = cryptoOf(client);
  const there = async () =>
    isSelfVerification
      ? (await isSigned(live, otherUserId, live.deviceId)) &&
        (otherDeviceId === undefined || (await isSigned(live, otherUserId, otherDeviceId)))
      : (await crypto.getUserVerificationStatus(otherUserId)).isCrossSigningVerified();

  return new Promise((resolve) => {
    const end = (result: boolean) => {
      stopWaiting();
      for (const event of EVENTS) client.off(event, look);
      live.stopped.removeEventListener("abort", stop);
      resolve(result);
    };
    const stop = () => end(false);
    const look = () => {
      there().then(
        (signed) => signed && end(true),
        () => undefined,
      );
    };
    const stopWaiting = live.clock.after(atMostMs, stop);
    for (const event of EVENTS) client.on(event, look);
    live.stopped.addEventListener("abort", stop, { once: true });
    look();
    // Asks the server now, and does not wait to be told that something is new there.
    crypto.userHasCrossSigningKeys(otherUserId, true).then(look, () => undefined);
  });
}
