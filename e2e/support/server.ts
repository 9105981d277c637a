import type { Instance } from "@hearth/tools";
import type { SavedEvent } from "./secondProgram/index.ts";

/** What the operator can do at the homeserver's own port, with the bot's token, which is an admin's there. */
async function ask<T>(instance: Instance, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(instance.homeserverUrl + path, {
    method,
    headers: { authorization: `Bearer ${instance.asToken}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const said = (await answer.json()) as T;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
  return said;
}

export type ServerDevice = { device_id: string; display_name?: string; last_seen_ts?: number };

export async function devicesOf(instance: Instance, userId: string): Promise<ServerDevice[]> {
  const path = `/_synapse/admin/v2/users/${encodeURIComponent(userId)}/devices`;
  return (await ask<{ devices: ServerDevice[] }>(instance, "GET", path)).devices;
}

export async function deleteDevice(instance: Instance, userId: string, deviceId: string): Promise<void> {
  const path = `/_synapse/admin/v2/users/${encodeURIComponent(userId)}/devices/${encodeURIComponent(deviceId)}`;
  await ask(instance, "DELETE", path);
}

export async function lockAccount(instance: Instance, userId: string, locked: boolean): Promise<void> {
  await ask(instance, "PUT", `/_synapse/admin/v2/users/${encodeURIComponent(userId)}`, { locked });
}

/** Sets a password and ends every session that was there. */
export async function resetPassword(instance: Instance, userId: string, password: string): Promise<void> {
  const path = `/_synapse/admin/v1/reset_password/${encodeURIComponent(userId)}`;
  await ask(instance, "POST", path, { new_password: password, logout_devices: true });
}

/** Everybody's membership in a room, as its state has it. */
export async function membershipsIn(instance: Instance, roomId: string): Promise<Record<string, string>> {
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/state`;
  const { state } = await ask<{
    state: { type: string; state_key: string; content: { membership?: string } }[];
  }>(instance, "GET", path);
  return Object.fromEntries(
    state
      .filter((event) => event.type === "m.room.member")
      .map((event) => [event.state_key, event.content.membership ?? ""]),
  );
}

/** The encrypted events of a room as they lie on the server, oldest first: what somebody can save on the way. */
export async function encryptedIn(instance: Instance, roomId: string): Promise<SavedEvent[]> {
  const path = `/_synapse/admin/v1/rooms/${encodeURIComponent(roomId)}/messages?dir=b&limit=500`;
  const { chunk } = await ask<{ chunk: SavedEvent[] }>(instance, "GET", path);
  return chunk.filter(({ type }) => type === "m.room.encrypted").toReversed();
}

/** Asks until it is so. The limit only turns a hang into a failure that has a name. */
export async function until(what: string, look: () => Promise<boolean>, limitMs = 150_000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await look())) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
