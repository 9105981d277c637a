import type { DevicesView } from "../../contract/index.ts";
import { checkPassword, requestWithPassword } from "./auth.ts";
import type { Encryption } from "../setup/encryption.ts";
import { Refusal } from "../failures.ts";
import { firstSeenOf } from "../../features/people/deviceWatch.ts";
import type { LiveSession } from "../live.ts";
import { cryptoOf } from "../../sdk/patches.ts";

type ServerDevice = { device_id: string; display_name?: string; last_seen_ts?: number };

/** Own devices, and which of them are signed by their owner, that is, receive keys. */
export async function readDevices(live: LiveSession, encryption: Encryption): Promise<DevicesView> {
  const { client, userId, deviceId } = live;
  const cryptoApi = cryptoOf(client);
  const [{ devices }, hasRecoveryKey] = await Promise.all([
    live.request<{ devices: ServerDevice[] }>("GET", "/_matrix/client/v3/devices"),
    encryption.hasRecoveryKey(),
    // Asks for the newest keys of all own devices.
    cryptoApi.userHasCrossSigningKeys(userId, true),
  ]);
  const firstSeen = await firstSeenOf(live);
  const rows = await Promise.all(
    devices.map(async (device) => {
      const status = await cryptoApi.getDeviceVerificationStatus(userId, device.device_id);
      return {
        deviceId: device.device_id,
        name: device.display_name ?? device.device_id,
        ...(device.last_seen_ts == null ? {} : { lastSeenAt: device.last_seen_ts }),
        ...(firstSeen.has(device.device_id) ? { firstSeenAt: firstSeen.get(device.device_id) ?? 0 } : {}),
        isThis: device.device_id === deviceId,
        signed: status?.signedByOwner ?? false,
      };
    }),
  );
  const order = (row: (typeof rows)[number]) => (row.isThis ? Infinity : (row.lastSeenAt ?? 0));
  return { loaded: true, devices: rows.toSorted((a, b) => order(b) - order(a)), hasRecoveryKey };
}

/** @throws Refusal needs_password, wrong_password; invalid for this device, which signs itself out */
export async function signOutDevice(
  live: LiveSession,
  deviceId: string,
  password: string | undefined,
): Promise<void> {
  if (deviceId === live.deviceId) {
    throw new Refusal("invalid", "This is the device you are on. Use “Sign out” for it.");
  }
  await requestWithPassword(
    live.request,
    live.userId,
    password,
    "POST",
    "/_matrix/client/v3/delete_devices",
    {
      devices: [deviceId],
    },
  );
}

/** @throws Refusal weak_password, wrong_password */
export async function changePassword(
  live: LiveSession,
  arg: { current: string; next: string; signOutOthers: boolean },
): Promise<void> {
  checkPassword(arg.next);
  await requestWithPassword(
    live.request,
    live.userId,
    arg.current,
    "POST",
    "/_matrix/client/v3/account/password",
    {
      new_password: arg.next,
      logout_devices: arg.signOutOthers,
    },
  );
}
