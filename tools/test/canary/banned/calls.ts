// Three ways to share old keys by accident, and one to encrypt for whatever device bears an id by now.
// tools/test/bannedCalls.ts must find each; nothing runs this file.
import type { MatrixClient } from "matrix-js-sdk";

export async function sharesOldKeys(client: MatrixClient, roomId: string, userId: string): Promise<void> {
  await client.invite(roomId, userId);
  const { joinRoom } = client;
  await joinRoom(roomId);
  await client["inviteByThreePid"](roomId, "email", userId);
  await client
    .getCrypto()
    ?.encryptToDeviceMessages("org.hearth.example", [{ userId, deviceId: "PHONE" }], {});
}
