import { Snapshot, waitingTitle } from "@hearth/protocol";
import type { DeliveryState, OutboxView } from "../contract/index.ts";
import type { View } from "../store/shown.ts";
import type { OutboxItem } from "./items.ts";
import type { Outbox } from "./outbox.ts";

/** What waits to be sent, and what could not be. */
export function outboxView(outbox: Pick<Outbox, "items">): View<"outbox"> {
  return {
    slice: "outbox",
    reads: ["outbox/*"],
    make: (): OutboxView => {
      const items = outbox.items
        .filter((item) => item.state.kind !== "sent" && !isSilent(item))
        .map((item) => ({
          localId: item.localId,
          roomId: item.roomId,
          what: titleOf(item),
          state: item.state as DeliveryState,
        }));
      const failed = items.filter((item) => item.state.kind === "failed").length;
      return { waiting: items.length - failed, failed, items };
    },
  };
}

/** What nobody asked for by name shows only when it fails. */
function isSilent({ work, state }: OutboxItem): boolean {
  return (work.kind === "lifecycle" || work.kind === "snapshot") && state.kind !== "failed";
}

function titleOf({ work }: OutboxItem): string {
  switch (work.kind) {
    case "create":
      return "Room for a new request";
    case "invite":
      return "Invitations";
    case "lifecycle":
      return work.state === "open" ? "Mark as open" : "Mark as closed";
    case "message":
      return "Message";
    case "snapshot":
      return waitingTitle({ type: Snapshot.type });
    case "entry":
      return waitingTitle(work.entry);
  }
}
