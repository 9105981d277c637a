import { takenKeys, type RoomId, type SharedKey } from "@hearth/protocol";
import type { MatrixClient } from "../../sdk/names.ts";
import type { RoomKeyRef } from "../../session/api.ts";
import { exportKeys, firstIndex, heldKeys, importKeys, keyName } from "../../sdk/megolm.ts";
import type { SharedKeyNote } from "./sharedKeys.ts";
import type { OwnAsk } from "./store.ts";
import { letOthersGo } from "../../work/clock.ts";

/** Keys stored in one go. Whoever waits for this thread waits no longer than for these. */
const CHUNK = 50;

export type ImportDeps = {
  readonly client: MatrixClient;
  /** Whether this person is in the room now. */
  readonly isIn: (roomId: RoomId) => boolean;
  /** Where a key stands in time, once it is noted what the giver says of it. */
  readonly note: (key: RoomKeyRef, at: number) => number;
  /** Whether it is written down already that this key came by this grant: then the import was cut off. */
  readonly isMarked: (key: RoomKeyRef) => boolean;
  /** Writes down, before the keys come, that they came by this grant. */
  readonly mark: (keys: readonly (RoomKeyRef & { readonly note: SharedKeyNote })[]) => Promise<void>;
  readonly stopped: AbortSignal;
  /** Whether the grant still stands: it may be taken back while its keys come in. */
  readonly goesOn: () => boolean;
};

/** What the import of a file came to. */
export type Imported = { readonly taken: readonly RoomKeyRef[]; readonly refused: number };

/**
 * Takes the keys of one file of a grant (SPEC [Q5]). Of a key that is here already the better copy is kept: the
 * machine compares, and what it would not take is not marked as shared. A key that says another sender than the copy
 * that came from the sender is refused.
 */
export async function importPart(
  keys: readonly SharedKey[],
  { ask, grant, by }: OwnAsk,
  deps: ImportDeps,
): Promise<Imported> {
  if (!grant || !by) return { taken: [], refused: keys.length };
  const allowed = takenKeys(keys, grant, ask, deps.isIn);
  let refused = keys.length - allowed.length;
  const held = await heldKeys(deps.client);
  const here = new Map(
    allowed.filter((key) => held.has(keyName(key))).map((key): [string, number] => [keyName(key), 0]),
  );
  const own = new Map(
    here.size === 0 ? [] : (await exportKeys(deps.client, here)).map((key) => [keyName(key), key]),
  );
  const taken: RoomKeyRef[] = [];
  for (let from = 0; from < allowed.length; from += CHUNK) {
    deps.stopped.throwIfAborted();
    if (!deps.goesOn()) break;
    const chunk: { key: SharedKey; note: SharedKeyNote }[] = [];
    for (const key of allowed.slice(from, from + CHUNK)) {
      const mine = own.get(keyName(key));
      if (mine && firstIndex(mine.sessionKey) <= firstIndex(key.sessionKey)) {
        // Imported before the import was cut off: it has come by this grant all the same.
        if (deps.isMarked(key)) taken.push({ roomId: key.roomId, sessionId: key.sessionId });
        continue;
      }
      const fromSender = mine && held.get(keyName(key))?.imported === false;
      // The same session can't have two senders: one of them is made up, and it is not the sender's own.
      if (fromSender && mine.senderKey !== key.senderKey) {
        refused += 1;
        continue;
      }
      if (deps.note(key, key.at) < grant.from) {
        // It was used earlier than the giver says.
        refused += 1;
        continue;
      }
      const ownFrom = fromSender ? { ownFrom: firstIndex(mine.sessionKey) } : {};
      chunk.push({ key, note: { request: ask.request, by, ...ownFrom } });
    }
    if (chunk.length === 0) continue;
    await deps.mark(chunk.map(({ key: { roomId, sessionId }, note }) => ({ roomId, sessionId, note })));
    await importKeys(
      deps.client,
      chunk.map(({ key }) => key),
    );
    taken.push(...chunk.map(({ key: { roomId, sessionId } }) => ({ roomId, sessionId })));
    await letOthersGo();
  }
  return { taken, refused };
}
