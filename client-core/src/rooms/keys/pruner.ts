import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import type { RoomId, UserId } from "@hearth/protocol";
import { background } from "../../workspace/background.ts";
import { sessionIdOf, type DecryptionWindow } from "../decryptor.ts";
import type { RawEvent } from "../rawEvent.ts";
import type { Room } from "../room.ts";
import type { RoomBook } from "../roomBook.ts";
import type { KeyWindow } from "./keyWindow.ts";
import { letOthersGo } from "../../work/clock.ts";
import { Later } from "../../work/retry.ts";

/** What was about to be deleted: finished at the next start if this one does not come to its end. */
type Plan = { readonly v: 1; readonly keys: readonly RoomKeyRef[] };
const PLAN = "plan";

export type PrunerSession = Pick<
  SignedInSession,
  "roomKeys" | "records" | "stopped" | "clock" | "log" | "afterPrune"
>;
/** The rooms and their turns. */
export type PrunerBook = Pick<RoomBook, "sealed" | "change">;

export type PrunerListener = {
  onHidden(): void;
  /** @returns whether they were asked */
  onLost(roomId: RoomId, sender: UserId): Promise<boolean>;
};

/** How many keys are deleted before others get their turn: about 20 ms. */
const STEP = 64;
/** A device that slept, or whose clock was set, looks again within this. */
const LOOK_AGAIN_MS = 60_000;

/**
 * Deletes what is past the key window [P3]: first what was derived, room by room, then the keys. On start, on each new
 * block, when policy or roles change, and when an old key comes. One run at a time; what is wanted meanwhile makes the
 * next.
 */
export class Pruner implements DecryptionWindow {
  readonly #session: PrunerSession;
  readonly #book: PrunerBook;
  readonly #window: KeyWindow;
  /** Keys to delete besides those that are found past: of events that were seen to be too old. */
  #wanted = new Map<string, RoomKeyRef>();
  /** Keys that were deleted and have not come again. */
  readonly #gone = new Set<string>();
  #lastStamp: string | undefined;
  #lastShown: string | undefined;
  readonly #tell: PrunerListener;
  /** Whom this device is asking for a new session, and in which room. */
  readonly #asking = new Set<string>();
  #running: Promise<void> | undefined;
  #again = false;
  /** Org, roster and grants are here. Before that nothing is destroyed: not to be known is not to be past. */
  #started = false;
  #failed = false;
  readonly #next: Later;
  #stopListening: (() => void) | undefined;

  /**
   * @param tell.onHidden what rooms show may be less than before, or more: a clock that is not believed hides and keeps
   * @param tell.onLost this person writes with a session whose key was deleted here, and is to be asked for another
   */
  constructor(session: PrunerSession, book: PrunerBook, window: KeyWindow, tell: PrunerListener) {
    this.#session = session;
    this.#tell = tell;
    this.#next = new Later(session.clock);
    this.#book = book;
    this.#window = window;
  }

  /** The first run; resolves when it has ended. */
  async start(): Promise<void> {
    await this.#window.load();
    this.#stopListening = this.#session.roomKeys.onArrival((keys) => this.#arrived(keys));
    for (const room of this.#book.sealed()) for (const event of room.log.events) this.#note(room, event);
    for (const [id, key] of this.#wanted) if (!this.#window.isPast(key)) this.#wanted.delete(id);
    const plan = await this.#session.records.get<Plan>("prunePlan", PLAN);
    for (const key of plan?.keys ?? []) this.#wanted.set(name(key), key);
    this.#started = true;
    this.#tellHidden();
    await this.#run();
  }

  /** Since when messages are kept, and whether keys of older ones could not be deleted; undefined: all are kept. */
  get kept(): { readonly since: number; readonly keysRemain: boolean } | undefined {
    const { start: since } = this.#window;
    return since === undefined || since === -Infinity ? undefined : { since, keysRemain: this.#failed };
  }

  dispose(): void {
    this.#stopListening?.();
    this.#next.stop();
  }

  /** Policy, roles or the time may have changed. */
  look(): void {
    if (!this.#started) return;
    this.#tellHidden();
    if (this.#window.stamp === this.#lastStamp && !this.#failed) return;
    background(this.#session, "deleting old keys", this.#run());
  }

  #tellHidden(): void {
    const { shownStamp } = this.#window;
    if (shownStamp === this.#lastShown) return;
    const isFirst = this.#lastShown === undefined;
    this.#lastShown = shownStamp;
    if (!isFirst) this.#tell.onHidden();
  }

  /** As the window; a key that turns out to be past it is deleted, if it is here. */
  see(key: RoomKeyRef, ...at: readonly (number | undefined)[]): boolean {
    const isPast = this.#window.see(key, ...at);
    if (isPast) this.#want(key);
    return isPast;
  }

  lost(key: RoomKeyRef, { sender, origin_server_ts: at }: RawEvent): void {
    const { roomId } = key;
    const about = `${roomId} ${sender}`;
    if (this.#asking.has(about) || !this.#window.asksToRotate(key, sender, at)) return;
    this.#asking.add(about);
    const ask = this.#tell
      .onLost(roomId, sender)
      .then((asked) => {
        // Else with the next message: who is on the roster may not be known yet.
        if (!asked) return;
        this.#window.askedToRotate(roomId, sender);
        this.#noteAges();
      })
      .finally(() => this.#asking.delete(about));
    background(this.#session, "asking for a new session", ask);
  }

  doubts(block: number | undefined, serverTs: number): boolean {
    return this.#window.doubts(block, serverTs);
  }

  #want(key: RoomKeyRef): void {
    if (this.#gone.has(name(key)) || this.#wanted.has(name(key))) return;
    this.#wanted.set(name(key), key);
    if (!this.#started) return;
    // Now, and not with the run: if the session ends before it, the next start has to know.
    this.#noteAges();
    background(this.#session, "deleting an old key", this.#run());
  }

  #arrived(keys: readonly RoomKeyRef[]): void {
    for (const key of keys) {
      this.#gone.delete(name(key));
      if (this.#window.arrived(key)) this.#want(key);
    }
    this.#noteAges();
  }

  #noteAges(): void {
    background(this.#session, "noting how old keys are", this.#window.save([]));
  }

  #note(room: Room, event: Room["log"]["events"][number]): void {
    const sessionId = sessionIdOf(event);
    if (sessionId !== undefined)
      this.#window.note({ roomId: room.roomId, sessionId }, event.origin_server_ts);
  }

  /** After each run anew: the policy may have moved the next block. */
  #schedule(): void {
    this.#next.stop();
    if (this.#session.stopped.aborted) return;
    const inMs = this.#failed ? LOOK_AGAIN_MS : this.#window.changesInMs;
    this.#next.in(Math.min(Math.max(inMs, 50), LOOK_AGAIN_MS), () => {
      this.look();
      this.#schedule();
    });
  }

  #run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #runAll(): Promise<void> {
    while (this.#again && !this.#session.stopped.aborted) {
      this.#again = false;
      await this.#runOnce();
      // A block that ended meanwhile has taken words off the screen: their keys must not wait for the next look.
      if (!this.#failed && this.#window.stamp !== this.#lastStamp) this.#again = true;
    }
    this.#schedule();
  }

  async #runOnce(): Promise<void> {
    const { roomKeys, stopped } = this.#session;
    const { start, stamp } = this.#window;
    const known = this.#lastStamp;
    const wanted = this.#wanted;
    this.#wanted = new Map();
    this.#lastStamp = stamp;
    try {
      const keys = new Map(wanted);
      if (start !== undefined && stamp !== known)
        for (const key of await roomKeys.list()) if (this.#window.arrived(key)) keys.set(name(key), key);
      if (start === undefined) keys.clear();
      if (keys.size > 0) await this.#writePlan([...keys.values()]);
      if (start !== undefined) await this.#forgetInRooms(start);
      const deleted = await this.#deleteKeys([...keys.values()]);
      if (start !== undefined && stamp !== known) await roomKeys.clearBesides();
      this.#window.deleted([...keys.values()]);
      await this.#window.save([{ collection: "prunePlan", key: PLAN, remove: true }]);
      for (const key of keys.keys()) this.#gone.add(key);
      this.#failed = false;
      if (deleted > 0) this.#session.afterPrune?.();
    } catch (error) {
      if (stopped.aborted) return;
      // Tried again later. Until then nothing of it is shown: the decryptor looks at the window itself.
      this.#failed = true;
      for (const [id, key] of wanted) this.#wanted.set(id, key);
      this.#lastStamp = known;
      this.#session.log("error", "old keys could not be deleted from this device", error);
    }
  }

  #writePlan(keys: readonly RoomKeyRef[]): Promise<void> {
    const plan: Plan = { v: 1, keys };
    return this.#window.save([{ collection: "prunePlan", key: PLAN, value: plan }]);
  }

  /** Before the keys: what an open request says is folded once more from what can still be read. */
  async #forgetInRooms(start: number): Promise<void> {
    const isPast = (at: number) => at < start;
    let looked = 0;
    for (const room of this.#book.sealed()) {
      if (this.#session.stopped.aborted) return;
      const isPastEvent = (event: Room["log"]["events"][number]) => {
        const sessionId = sessionIdOf(event);
        return sessionId !== undefined && this.#window.isPast({ roomId: room.roomId, sessionId });
      };
      if (++looked % STEP === 0) await letOthersGo();
      if (!room.holdsPast(isPastEvent, isPast)) continue;
      let failure: unknown;
      await this.#book.change(room.roomId, async () => {
        try {
          await room.forget(isPastEvent, isPast);
          await this.#window.save([{ collection: "rooms", key: room.roomId, value: room.store() }]);
        } catch (error) {
          failure = error;
        }
      });
      // Its keys must outlive what could not be stored without them.
      if (failure !== undefined) throw new Error("a room could not be stored anew", { cause: failure });
    }
  }

  async #deleteKeys(keys: readonly RoomKeyRef[]): Promise<number> {
    let deleted = 0;
    for (let i = 0; i < keys.length; i += STEP) {
      if (this.#session.stopped.aborted) throw new DOMException("stopped", "AbortError");
      deleted += await this.#session.roomKeys.delete(keys.slice(i, i + STEP));
      await letOthersGo();
    }
    return deleted;
  }
}

function name({ roomId, sessionId }: RoomKeyRef): string {
  return `${roomId}|${sessionId}`;
}
