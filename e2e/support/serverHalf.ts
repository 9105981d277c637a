import type { Instance } from "@hearth/tools";

/**
 * What a wipe does to the server's half of a device's root key: empties it, in the person's name, with a token that
 * belongs to no device.
 * @param content something else to be put there instead
 */
export async function emptyHalf(
  instance: Instance,
  userId: string,
  deviceId: string,
  content: object = {},
): Promise<void> {
  const user = encodeURIComponent(userId);
  const { access_token } = (await ask(
    instance,
    "POST",
    `/_synapse/admin/v1/users/${user}/login`,
    {},
    instance.asToken,
  )) as { access_token: string };
  const path = `/_matrix/client/v3/user/${user}/account_data/org.hearth.unlock.${deviceId}`;
  await ask(instance, "PUT", path, content, access_token);
}

/** What the server keeps for a device, as an admin of the server sees it. */
export async function serversHalf(instance: Instance, userId: string, deviceId: string): Promise<unknown> {
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/accountdata`;
  const { account_data } = (await ask(instance, "GET", path, undefined, instance.asToken)) as {
    account_data: { global: Record<string, unknown> };
  };
  return account_data.global[`org.hearth.unlock.${deviceId}`];
}

async function ask(
  instance: Instance,
  method: string,
  path: string,
  body: unknown,
  bearer: string,
): Promise<unknown> {
  const answer = await fetch(instance.homeserverUrl + path, {
    method,
    headers: { Authorization: `Bearer ${bearer}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status}`);
  return answer.json();
}
