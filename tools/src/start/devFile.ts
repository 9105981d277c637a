// .hearth/dev.json: what tools and tests need to know of the running instance. It holds the demo accounts' passwords
// and recovery keys, so it is its owner's alone.
import type { Instance } from "../instance.ts";
import { writePrivate } from "../instance/files.ts";
import type { DemoAccount } from "../demo/accounts.ts";

export function writeDevFile(path: string, instance: Instance, accounts: readonly DemoAccount[]): void {
  const content = {
    homeserverUrl: instance.homeserverUrl,
    webUrl: instance.webUrl,
    serverName: instance.serverName,
    botUserId: instance.botUserId,
    orgId: instance.orgId,
    orgRoomId: instance.orgRoomId,
    adminRoomId: instance.adminRoomId,
    databasePath: instance.databasePath,
    mediaPath: instance.mediaPath,
    logPaths: instance.logPaths,
    accounts: accounts.map(({ role, userId, password, recoveryKey }) => ({
      role,
      userId,
      password,
      recoveryKey,
    })),
  };
  writePrivate(path, `${JSON.stringify(content, undefined, 2)}\n`);
}
