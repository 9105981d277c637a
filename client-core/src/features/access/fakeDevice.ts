import { base64, type RoomId, type SharedKey } from "@hearth/protocol";
import type { MatrixClient } from "../../sdk/names.ts";
import type { RecordChange, Records } from "../../session/api.ts";

/** Stands in for the device's records: what was written, read again. */
export class FakeRecords implements Records {
  readonly kept = new Map<string, unknown>();
  /** While set, nothing can be written. */
  failure: Error | undefined;

  get = <T>(_collection: string, key: string) => Promise.resolve(this.kept.get(key) as T | undefined);
  all = <T>() => Promise.resolve([...this.kept].map(([key, value]) => ({ key, value: value as T })));
  write = (changes: readonly RecordChange[]) => {
    if (this.failure) return Promise.reject(this.failure);
    for (const change of changes)
      if ("remove" in change) this.kept.delete(change.key);
      else this.kept.set(change.key, structuredClone(change.value));
    return Promise.resolve();
  };
}

/** Stands in for the crypto machine: room keys go in, and names of keys come out. */
export class FakeMachine {
  readonly held = new Map<string, { roomId: string; sessionId: string; sessionKey: string }>();
  /** Called before each import: throws where the disk is full, say. */
  onImport: () => void = () => {};

  get client(): MatrixClient {
    const crypto = {
      olmMachine: { exportRoomKeys: (wanted: (session: object) => boolean) => this.#export(wanted) },
      importRoomKeys: (keys: { room_id: string; session_id: string; session_key: string }[]) => {
        this.onImport();
        for (const { room_id: roomId, session_id: sessionId, session_key: sessionKey } of keys)
          this.held.set(`${roomId}|${sessionId}`, { roomId, sessionId, sessionKey });
        return Promise.resolve();
      },
    };
    return { getCrypto: () => crypto } as unknown as MatrixClient;
  }

  #export(wanted: (session: object) => boolean): Promise<string> {
    const all = [...this.held.values()].filter(({ roomId, sessionId }) =>
      wanted({ roomId, sessionId, hasBeenImported: () => true, free: () => {} }),
    );
    return Promise.resolve(
      JSON.stringify(
        all.map(({ roomId, sessionId, sessionKey }) => ({
          room_id: roomId,
          session_id: sessionId,
          session_key: sessionKey,
          sender_key: "S".repeat(43),
        })),
      ),
    );
  }
}

/** A room key as a grant's file has it. */
export function sharedKey(roomId: RoomId, number: number, at: number): SharedKey {
  return {
    roomId,
    sessionId: String(number).padStart(43, "A"),
    // A version byte, then the message from which on it opens: the first.
    sessionKey: base64(new TextEncoder().encode(`\u0001\0\0\0\0${"k".repeat(160)}`)),
    senderKey: "S".repeat(43),
    claimedEd25519: undefined,
    at,
  };
}
