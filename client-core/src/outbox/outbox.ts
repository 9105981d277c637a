import type { Records } from "../session/api.ts";
import {
  afterAttempt,
  afterRestart,
  bound,
  discarded,
  nextOf,
  retried,
  type Attempt,
  type OutboxItem,
  type Work,
} from "./items.ts";
import type { Change } from "../store/change.ts";
import { Turns } from "../work/turns.ts";
import { Jobs } from "../work/jobs.ts";
import type { StepEnd } from "../work/jobs.ts";

export type OutboxDeps = {
  readonly records: Records;
  /** Tries one item. Never rejects. `keep` stores what was sealed before it leaves. */
  readonly send: (item: OutboxItem, keep: (item: OutboxItem) => Promise<void>) => Promise<Attempt>;
  /** A room was made for a local one. What it gives back stores that, once the items are stored under their new id. */
  readonly onBound: (localRoomId: string, roomId: string) => () => Promise<void>;
  readonly onChange: (roomIds: ReadonlySet<string>) => void;
  /** Waits before the next try of something that got no answer, or that is wanted later. */
  readonly pause: (atLeastMs?: number) => Promise<void>;
  /** Looks after what nobody waits for. */
  readonly background: (work: Promise<unknown>) => void;
  readonly stopped: AbortSignal;
  readonly now: () => number;
  readonly randomId: () => string;
};

/** Two have one number where one of them could not be read for a while, by a program of an earlier version. */
const inOrder = (a: OutboxItem, b: OutboxItem) => a.order - b.order || a.createdAt - b.createdAt;

/**
 * Everything that this device sends into rooms. An item is stored before anything is sent, is sent in its order
 * within its room, survives a reload, and leaves when it has come back from the homeserver in its place.
 */
export class Outbox {
  readonly #deps: OutboxDeps;
  #items: readonly OutboxItem[] = [];
  /** A lane for each room: what is said in one goes out in the order in which it was said. */
  readonly #jobs: Jobs<OutboxItem>;
  #open = false;
  readonly #writing = new Turns();

  constructor(deps: OutboxDeps) {
    this.#deps = deps;
    const { pause, background, stopped } = deps;
    this.#jobs = new Jobs({
      nextOf: (roomId) => nextOf(this.#items, roomId),
      step: (item, stop) => this.#step(item, stop),
      pause,
      background,
      stopped,
    });
  }

  async load(): Promise<void> {
    const stored = await this.#deps.records.all<OutboxItem>("outbox");
    this.#items = stored.map(({ value }) => afterRestart(value)).toSorted(inOrder);
  }

  get items(): readonly OutboxItem[] {
    return this.#items;
  }

  inRoom(roomId: string): readonly OutboxItem[] {
    return this.#items.filter((item) => item.roomId === roomId);
  }

  /** From now on items are sent: the rooms are known as they are, and what has arrived already has been seen. */
  start(): void {
    this.#open = true;
    this.poke();
  }

  /** Queues work for one room, all of it or none. */
  async add(roomId: string, works: readonly Work[]): Promise<OutboxItem[]> {
    const order = (this.#items.at(-1)?.order ?? 0) + 1;
    const items = works.map((work, i): OutboxItem => {
      const localId = `out-${this.#deps.randomId()}`;
      return {
        localId,
        order: order + i,
        roomId,
        txnId: `h${this.#deps.randomId()}`,
        createdAt: this.#deps.now(),
        work,
        state: { kind: "queued" },
      };
    });
    try {
      await this.#change(items, []);
    } catch (error) {
      // What could not be stored would be lost by a reload: the person is told now, and it is not sent.
      this.#items = this.#items.filter((item) => !items.includes(item));
      this.#deps.onChange(new Set([roomId]));
      throw error;
    }
    this.poke();
    return items;
  }

  /** Something may be possible now that was not: a room arrived, the server answers again. */
  poke(): void {
    if (!this.#open || this.#deps.stopped.aborted) return;
    for (const roomId of new Set(this.#items.map((item) => item.roomId))) this.#jobs.poke(roomId);
  }

  async retry(localId: string): Promise<boolean> {
    const item = this.#find(localId);
    if (item?.state.kind !== "failed") return false;
    await this.#change([retried(item, `h${this.#deps.randomId()}`)], []);
    this.poke();
    return true;
  }

  async discard(localId: string): Promise<boolean> {
    const gone = discarded(this.#items, localId);
    await this.#change([], gone);
    this.poke();
    return gone.length > 0;
  }

  /**
   * Events that arrived from the homeserver: what of ours is among them is done.
   * @returns what ends it, for the write that the events themselves are in: without them it must not be gone
   */
  arrived(roomId: string, ids: ReadonlySet<string>): Change {
    const done = this.inRoom(roomId).filter(
      (item) => ids.has(item.txnId) || (item.state.kind === "sent" && ids.has(item.state.eventId)),
    );
    this.#items = this.#items.filter((item) => !done.includes(item));
    const write = done.map(({ localId: key }) => ({
      collection: "outbox" as const,
      key,
      remove: true as const,
    }));
    return { write, keys: done.length > 0 ? [`outbox/${roomId}`] : [] };
  }

  /** Writes when what the outbox itself has to write is written: what ends there must not come after it. */
  inTurn(write: () => Promise<void>): Promise<void> {
    return this.#writing.take(write);
  }

  async roomGone(roomId: string): Promise<void> {
    const here = this.inRoom(roomId);
    if (here.length > 0) await this.#change([], here);
  }

  async #step(item: OutboxItem, stopped: AbortSignal): Promise<StepEnd> {
    const attempt = await this.#deps.send(item, (kept) => this.#change([kept], []));
    if (stopped.aborted || attempt.kind === "not_ready") return { kind: "waits" };
    const current = this.#find(item.localId);
    // It may have come back through sync before the answer to sending it did: then it is done.
    if (current) await this.#settle(current, attempt);
    if (attempt.kind === "unanswered") return { kind: "later" };
    return attempt.kind === "later" ? { kind: "later", atLeastMs: attempt.afterMs } : { kind: "on" };
  }

  async #settle(item: OutboxItem, attempt: Attempt): Promise<void> {
    const next = afterAttempt(item, attempt);
    if (attempt.kind !== "sent") return this.#change([next], []);
    if (item.work.kind === "create") {
      const waiting = this.inRoom(item.roomId).filter((one) => one.localId !== item.localId);
      // In one breath: a look at the room in between would find it under neither id.
      const keepBinding = this.#deps.onBound(item.roomId, attempt.eventId);
      await this.#change(bound(waiting, item.roomId, attempt.eventId), [item]);
      await keepBinding();
      this.#jobs.poke(attempt.eventId);
      return;
    }
    const comesBack =
      item.work.kind === "entry" || item.work.kind === "message" || item.work.kind === "snapshot";
    return comesBack ? this.#change([next], []) : this.#change([], [item]);
  }

  #find(localId: string): OutboxItem | undefined {
    return this.#items.find((item) => item.localId === localId);
  }

  /** One write, then the new list, then the word that it changed. */
  async #change(put: readonly OutboxItem[], remove: readonly OutboxItem[]): Promise<void> {
    if (put.length === 0 && remove.length === 0) return;
    const before = this.#items;
    const gone = new Set(remove.map((item) => item.localId));
    const fresh = new Map(put.map((item) => [item.localId, item]));
    // In memory at once, so that nobody decides on what is outdated; the write is awaited by who asked.
    this.#items = [
      ...before.filter((item) => !gone.has(item.localId)).map((item) => fresh.get(item.localId) ?? item),
      ...put.filter((item) => !before.some((one) => one.localId === item.localId)),
    ];
    const rooms = new Set(
      [...put, ...remove, ...before.filter((item) => fresh.has(item.localId))].map((i) => i.roomId),
    );
    const changes = [
      ...put.map((item) => ({ collection: "outbox" as const, key: item.localId, value: item })),
      ...remove.map((item) => ({ collection: "outbox" as const, key: item.localId, remove: true as const })),
    ];
    // One after the other, and each by itself: what could not be stored fails nobody else's.
    try {
      await this.#writing.take(() => this.#deps.records.write(changes));
    } finally {
      this.#deps.onChange(rooms);
    }
  }
}
