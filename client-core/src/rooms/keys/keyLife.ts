import { keyTimes } from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import type { GrantedKeys } from "./grantedKeys.ts";
import type { RoomBook } from "../roomBook.ts";
import { discardSession } from "../../sdk/machine.ts";
import { KeyWindow } from "./keyWindow.ts";
import { OutboundBlocks } from "./outboundBlocks.ts";
import { Pruner, type PrunerListener } from "./pruner.ts";

/** How old messages become unreadable, put together: the blocks that sessions keep to, and the going of old ones. */
export function keyLife(
  session: SignedInSession,
  book: RoomBook,
  isSignedAdmin: () => boolean,
  granted: GrantedKeys,
  tell: PrunerListener,
): { pruner: Pruner; blocks: OutboundBlocks; window: KeyWindow } {
  const org = () => book.org;
  const now = () => book.now();
  const { records } = session;
  const { policy } = book;
  const window = new KeyWindow({
    me: session.userId,
    records,
    org,
    policy,
    now,
    clock: () => session.now(),
    sure: () => session.sureTime(),
    isSignedAdmin,
    granted,
  });
  return {
    window,
    pruner: new Pruner(session, book, window, tell),
    blocks: new OutboundBlocks({
      records,
      discard: (roomId) => discardSession(session.client, roomId),
      times: () => keyTimes(policy()),
      policy: () => book.policyEvent,
      now,
    }),
  };
}
