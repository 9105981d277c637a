import type { SessionView } from "../contract/index.ts";
import type { SignedInSession } from "../session/api.ts";
import type { Org } from "./org.ts";
import type { OwnProfile } from "./ownProfile.ts";

/**
 * Which of one's devices can't forget for sure, for a profile: a browser without storage buckets says so of itself, and
 * takes it back when it can. Devices that are gone are left out.
 * @param devices the ids of all own devices that there are
 */
export function listCannotForget(
  listed: readonly string[],
  me: { readonly deviceId: string; readonly storage: SessionView["storage"] },
  devices: readonly string[],
): string[] {
  const others = listed.filter((id) => id !== me.deviceId && devices.includes(id));
  return (me.storage === "shared" ? [...others, me.deviceId] : others).toSorted().slice(0, MOST);
}

const MOST = 20;

/** Writes it into one's own profile, where the team's admins see it, if it is not there already. */
export async function tellCannotForget(session: SignedInSession, org: Org, own: OwnProfile): Promise<void> {
  const profile = org.profiles.get(session.userId);
  const storage = session.storageKind;
  const listed = profile?.cannot_forget ?? [];
  if (!profile || (storage !== "shared" && listed.length === 0)) return;
  const { devices } = await session.request<{ devices: { device_id: string }[] }>(
    "GET",
    "/_matrix/client/v3/devices",
  );
  const ids = devices.map((each) => each.device_id);
  await own.change(org.roomId, (now) => {
    if (!now) return undefined;
    const { cannot_forget: before = [], ...rest } = now;
    const list = listCannotForget(before, { deviceId: session.deviceId, storage }, ids);
    if (JSON.stringify(list) === JSON.stringify(before)) return undefined;
    return list.length === 0 ? rest : { ...rest, cannot_forget: list };
  });
}
