import type { LogEntryId, MessageContent, NewEntry, UserId } from "@hearth/protocol";

/** What one item of the outbox does when its turn comes. */
export type Work =
  /** Makes the room of a new request. `body` is built when it is sent, from the policy of then. */
  | { readonly kind: "create"; readonly invite: readonly UserId[] }
  /** An entry of the request's log; its envelope is made when it is sent. */
  | { readonly kind: "entry"; readonly entryId: LogEntryId; readonly entry: NewEntry }
  /** The request as it is folded when the turn comes. */
  | {
      readonly kind: "snapshot";
      readonly entryId: LogEntryId;
      /** New devices that can't know the request without it; see `DeviceName`. */
      readonly for?: readonly string[];
    }
  | { readonly kind: "message"; readonly content: MessageContent }
  /** The open or closed that retention reads, in the clear. */
  | { readonly kind: "lifecycle"; readonly state: "open" | "closed" }
  | { readonly kind: "invite"; readonly userIds: readonly UserId[] };

export type ItemState =
  | { readonly kind: "queued" }
  | { readonly kind: "sending" }
  /** The homeserver has it; waits to come back in its place. */
  | { readonly kind: "sent"; readonly eventId: string }
  | { readonly kind: "failed"; readonly message: string; readonly canRetry: boolean };

export type OutboxItem = {
  readonly localId: string;
  /** Rises with every item: the order in which they were asked for. */
  readonly order: number;
  /** A room id, or a local one while the room itself waits in the outbox. */
  readonly roomId: string;
  /** The same for every try, so that the homeserver takes it once. */
  readonly txnId: string;
  readonly createdAt: number;
  readonly work: Work;
  readonly state: ItemState;
  /**
   * A log entry with its envelope, once it was tried: the same content is sent again, as it may have arrived. Taken
   * away when the homeserver refused it, or the device's count would have a gap that others see as a loss.
   */
  readonly sealed?: Readonly<Record<string, unknown>>;
  /** Whether a try of this item may have been carried out without our hearing of it. */
  readonly uncertain?: true;
};

/** How a try ended. */
export type Attempt =
  | { readonly kind: "sent"; readonly eventId: string }
  /** No answer, or one from something on the way: it may have been carried out. */
  | { readonly kind: "unanswered" }
  /** The homeserver wants it later: it has done nothing. */
  | { readonly kind: "later"; readonly afterMs: number }
  /** Nothing was tried: something that it needs is not there yet. */
  | { readonly kind: "not_ready" }
  | { readonly kind: "refused"; readonly message: string; readonly canRetry: boolean };

export function isLocalRoom(roomId: string): boolean {
  return roomId.startsWith("local-");
}

/** What may be sent now in a room: the first that waits, unless the room itself could not be made. */
export function nextOf(items: readonly OutboxItem[], roomId: string): OutboxItem | undefined {
  const here = items.filter((item) => item.roomId === roomId);
  if (here.some((item) => item.work.kind === "create" && item.state.kind === "failed")) return undefined;
  if (here.some((item) => item.state.kind === "sending")) return undefined;
  return here.find((item) => item.state.kind === "queued");
}

/** An item after a try. */
export function afterAttempt(item: OutboxItem, attempt: Attempt): OutboxItem {
  switch (attempt.kind) {
    case "sent":
      return { ...item, state: { kind: "sent", eventId: attempt.eventId } };
    case "unanswered":
      return { ...item, state: { kind: "queued" }, uncertain: true };
    case "later":
    case "not_ready":
      return { ...item, state: { kind: "queued" } };
    case "refused": {
      const { sealed: _sealed, uncertain: _uncertain, ...rest } = item;
      return {
        ...rest,
        state: { kind: "failed", message: attempt.message, canRetry: attempt.canRetry },
      };
    }
  }
}

/** What a start finds: what was being sent may have arrived, and is sent again under the same id. */
export function afterRestart(item: OutboxItem): OutboxItem {
  return item.state.kind === "sending" ? { ...item, state: { kind: "queued" }, uncertain: true } : item;
}

/** The person asks to try again. */
export function retried(item: OutboxItem, txnId: string): OutboxItem {
  return item.state.kind === "failed" ? { ...item, txnId, state: { kind: "queued" } } : item;
}

/** A room that was made: what waited for it under its local id belongs there. */
export function bound(items: readonly OutboxItem[], localRoomId: string, roomId: string): OutboxItem[] {
  return items.map((item) => (item.roomId === localRoomId ? { ...item, roomId } : item));
}

/** What goes when an item is given up: with a room's making, all that was to go into the room. */
export function discarded(items: readonly OutboxItem[], localId: string): OutboxItem[] {
  const item = items.find((one) => one.localId === localId);
  if (!item || item.state.kind === "sending") return [];
  return item.work.kind === "create" ? items.filter((one) => one.roomId === item.roomId) : [item];
}
