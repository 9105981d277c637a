import type { Instance } from "@hearth/tools";
import { botClient, expectOk, rawClient, type RawClient } from "../integration/support/rawClient.ts";

type Somebody = { readonly userId: string };

/** Asks the server in somebody's name, without a device. */
async function as(instance: Instance, { userId }: Somebody): Promise<RawClient> {
  const path = `/_synapse/admin/v1/users/${encodeURIComponent(userId)}/login`;
  const login = await expectOk(botClient(instance).request("POST", path, {}));
  return rawClient({ baseUrl: instance.homeserverUrl, token: String(login["access_token"]), userId });
}

/** What the server says of somebody's key backup; undefined if there is none. */
export async function backupOf(
  instance: Instance,
  member: Somebody,
): Promise<{ version: string; count: number } | undefined> {
  const them = await as(instance, member);
  const { status, body } = await them.request("GET", "/_matrix/client/v3/room_keys/version");
  return status === 404 ? undefined : (body as { version: string; count: number });
}

/** The backup's key as it lies in secret storage, encrypted; undefined if it does not. */
export async function backupSecretOf(instance: Instance, member: Somebody): Promise<unknown> {
  const path = `/_matrix/client/v3/user/${member.userId}/account_data/m.megolm_backup.v1`;
  return (await (await as(instance, member)).request("GET", path)).body["encrypted"];
}
