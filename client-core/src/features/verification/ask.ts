import type { VerificationRequest } from "../../sdk/names.ts";
import { Refusal } from "../../session/failures.ts";
import type { LiveSession } from "../../session/live.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { followDevices, refreshDevices } from "../../sdk/machine.ts";

const METHODS = ["m.sas.v1", "m.qr_code.scan.v1", "m.qr_code.show.v1", "m.reciprocate.v1"];

/** An ask under way, and the devices that it rings at. */
export type Asked = {
  readonly request: VerificationRequest;
  /** One device has answered, or nobody will: the others stop ringing. */
  readonly stopRinging: (code: "m.accepted" | "m.user" | "m.timeout", except?: string) => Promise<void>;
};

/**
 * Asks a person by messages to their devices, and not in a room, as clients usually do: rooms hold nothing in the
 * clear. The SDK asks one device at a time that way. So the same ask goes to their other signed devices too, and
 * whichever answers first has it; the crypto machine takes that one for the other side.
 * @param theyAsk asked when their devices are known, which takes a while: they may have asked for the same meanwhile, and
 *   the crypto machine would end both
 * @returns undefined when they have
 * @throws Refusal not_found when no device of theirs is signed
 */
export async function askPerson(
  live: LiveSession,
  userId: string,
  name: string,
  theyAsk: () => boolean,
): Promise<Asked | undefined> {
  const { client } = live;
  await refreshDevices(client, [userId]);
  const [first, ...rest] = await signedDevices(live, userId);
  if (first === undefined)
    throw new Refusal(
      "not_found",
      `${name} has no device yet that can be compared with. Ask them to sign in and to unlock it with their recovery key.`,
    );
  if (theyAsk()) return undefined;
  const request = await cryptoOf(client).requestDeviceVerification(userId, first);
  const transactionId = request.transactionId ?? "";
  await tell(live, userId, rest, "m.key.verification.request", {
    from_device: live.deviceId,
    methods: METHODS,
    timestamp: live.now(),
    transaction_id: transactionId,
  });
  let ringing = rest;
  return {
    request,
    stopRinging: async (code, except) => {
      const now = ringing.filter((deviceId) => deviceId !== except);
      ringing = [];
      await tell(live, userId, now, "m.key.verification.cancel", {
        code,
        reason: "",
        transaction_id: transactionId,
      });
    },
  };
}

/** Asks all of one's own other devices. The SDK rings at each, and stops, by itself. */
export async function askOwnDevices(live: LiveSession): Promise<Asked> {
  const request = await cryptoOf(live.client).requestOwnUserVerification();
  return { request, stopRinging: () => Promise.resolve() };
}

export async function isSigned(live: LiveSession, userId: string, deviceId: string): Promise<boolean> {
  const status = await cryptoOf(live.client).getDeviceVerificationStatus(userId, deviceId);
  return status?.signedByOwner ?? false;
}

/** Also where the answer to a question for their keys is on its way: somebody may ask right after the device was signed. */
export async function isSignedByNow(live: LiveSession, userId: string, deviceId: string): Promise<boolean> {
  if (await isSigned(live, userId, deviceId)) return true;
  await followDevices(live.client, [userId]);
  return isSigned(live, userId, deviceId);
}

async function signedDevices(live: LiveSession, userId: string): Promise<string[]> {
  const devices = (await cryptoOf(live.client).getUserDeviceInfo([userId])).get(userId);
  const signed: string[] = [];
  for (const deviceId of devices?.keys() ?? [])
    if (await isSigned(live, userId, deviceId)) signed.push(deviceId);
  return signed;
}

async function tell(
  live: LiveSession,
  userId: string,
  deviceIds: readonly string[],
  type: string,
  content: Record<string, unknown>,
): Promise<void> {
  if (deviceIds.length === 0) return;
  const messages = { [userId]: Object.fromEntries(deviceIds.map((deviceId) => [deviceId, content])) };
  await live.request("PUT", `/_matrix/client/v3/sendToDevice/${type}/${live.randomId()}`, { messages });
}
