import { Lifecycle, type RoomId } from "@hearth/protocol";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Room } from "../../rooms/room.ts";
import { requestIn } from "./projection.ts";
import type { Clock, Stop } from "../../work/clock.ts";

/** The one who closes or reopens writes the state right after the entry: leave them the time. */
const LEAVE_TO_WRITER_MS = 5000;

/** What the room's state says in the clear: retention reads it, because a bot can't read the log. */
export function lifecycleOf(room: Room): "open" | "closed" | undefined {
  return Lifecycle.schema.safeParse(room.state.get(Lifecycle.type)?.content).data?.state;
}

/** What the state should say and doesn't, if that is this person's to put right. */
export function lifecycleToRepair(room: Room, me: string): "open" | "closed" | undefined {
  const request = requestIn(room);
  if (!request?.folded || room.state.identity?.creator !== me) return undefined;
  const is = request.folded.closed ? "closed" : "open";
  return lifecycleOf(room) === is ? undefined : is;
}

/**
 * Keeps that state in step with the log. Whoever closes or reopens may lack the power to write it (the bot gives that,
 * and may be down): then the request's creator, who always has it, does it when they are next here.
 */
export class LifecycleRepair {
  readonly #me: string;
  readonly #outbox: Outbox;
  readonly #background: (what: string, work: Promise<unknown>) => void;
  readonly #clock: Clock;
  readonly #waiting = new Map<RoomId, Stop>();

  constructor(
    me: string,
    outbox: Outbox,
    clock: Clock,
    background: (what: string, work: Promise<unknown>) => void,
  ) {
    this.#clock = clock;
    this.#me = me;
    this.#outbox = outbox;
    this.#background = background;
  }

  check(room: Room): void {
    if (this.#waiting.has(room.roomId) || lifecycleToRepair(room, this.#me) === undefined) return;
    const stop = this.#clock.after(LEAVE_TO_WRITER_MS, () => {
      this.#waiting.delete(room.roomId);
      const state = lifecycleToRepair(room, this.#me);
      const underWay = this.#outbox.inRoom(room.roomId).some((item) => item.work.kind === "lifecycle");
      if (state !== undefined && !underWay)
        this.#background(
          "repairing a lifecycle",
          this.#outbox.add(room.roomId, [{ kind: "lifecycle", state }]),
        );
    });
    this.#waiting.set(room.roomId, stop);
  }

  dispose(): void {
    for (const stop of this.#waiting.values()) stop();
    this.#waiting.clear();
  }
}
