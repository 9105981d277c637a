import type { RoomId } from "@hearth/protocol";
import { MatrixEvent } from "matrix-js-sdk";
import type { MatrixClient } from "matrix-js-sdk";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import type { RawEvent } from "../rooms/rawEvent.ts";
import { cryptoOf } from "./patches.ts";

/** An event as the SDK's crypto wants it: an object of its own, in no room of the SDK's. */
export function toMatrixEvent(roomId: RoomId, raw: RawEvent): MatrixEvent {
  const { event_id, type, sender, origin_server_ts } = raw;
  return new MatrixEvent({
    event_id,
    type,
    sender,
    origin_server_ts,
    room_id: roomId,
    content: structuredClone(raw.content) as Record<string, unknown>,
  });
}

/** Never throws: a failure stays in the event. @param isRetry for one that was given up before */
export async function decryptEvent(client: MatrixClient, event: MatrixEvent, isRetry = false): Promise<void> {
  await event.attemptDecryption(cryptoOf(client) as CryptoBackend, isRetry ? { isRetry } : {});
}
