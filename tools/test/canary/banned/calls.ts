// Three ways to share old keys by accident. tools/test/bannedCalls.ts must find each; nothing runs this file.
import type { MatrixClient } from "matrix-js-sdk";

export async function sharesOldKeys(client: MatrixClient, roomId: string, userId: string): Promise<void> {
  await client.invite(roomId, userId);
  const { joinRoom } = client;
  await joinRoom(roomId);
  await client["inviteByThreePid"](roomId, "email", userId);
}
