import type { EventId, OrgId, RoomId, RoomType, UserId } from "@hearth/protocol";
import type { Decryptor, Opened } from "./decryptor.ts";
import { digestOf } from "./digest.ts";
import { FORGOTTEN, isPassedOn, passOn, SEALED } from "./forget.ts";
import { closeGap, olderPage, type Pages } from "./pages.ts";
import type { PermissionsAt } from "./permissionsAt.ts";
import type { AnyProjection, IsPast } from "./projection.ts";
import { ENCRYPTED, type RawEvent } from "./rawEvent.ts";
import { applyRedactions, EMPTY_LOG, mergeChunk, prependPage, trimLog, type RoomLog } from "./roomLog.ts";
import { RoomState } from "./roomState.ts";
import { EMPTY_DIGEST, type Digest, type StoredRoom } from "./storedRoom.ts";
import type { RoomUpdate } from "../workspace/sync.ts";
import { Turns } from "../work/turns.ts";

/** What a room needs from around it: each a single capability. */
export type RoomDeps = Pages & {
  readonly me: UserId;
  readonly decryptor: Decryptor;
  /** What the logs of rooms come to, by the kind of room. */
  readonly projections: readonly AnyProjection[];
  readonly permissionsAt: PermissionsAt;
  /** Whether what stems from an instant is past the key window; never on a device that keeps all. */
  readonly isPast: IsPast;
};

/** The log is cut back to KEEP when it is longer than MOST. */
const MOST = 240;
const KEEP = 160;
/** What began further back than this, with nothing since that sums it up, is shown as unreadable. */
const FURTHEST_BACK = 5000;

/**
 * One room as this device knows it: state, log, what is inside, and what that folds to where its kind has a projection. What
 * changes it runs one after another (see `inTurn`), so an answer that is slow can't overtake one that came later.
 */
export class Room {
  readonly roomId: RoomId;
  state = new RoomState();
  log: RoomLog = EMPTY_LOG;
  /** The last event that the person has read. */
  readUpTo: EventId | undefined;
  digest: Digest = EMPTY_DIGEST;
  /** What the log folds to; undefined until it was needed since the start. */
  projected: unknown;
  readonly #deps: RoomDeps;
  readonly #opened = new Map<EventId, Opened>();
  /** Closing a gap broke off: the next chunk can't be trusted to follow on. */
  #brokenOff = false;
  /** It is over, and its end past the key window: it is shown no more. */
  #isOver = false;
  /** What the log is folded onto; undefined: onto nothing. */
  #base: unknown;
  /** The event from which the log is folded onto `#base`; what stands before it was scrolled back to. */
  #foldedFrom: EventId | undefined;
  readonly #turns = new Turns();

  constructor(roomId: RoomId, deps: RoomDeps) {
    this.roomId = roomId;
    this.#deps = deps;
  }

  static restore(roomId: RoomId, stored: StoredRoom, deps: RoomDeps): Room {
    const room = new Room(roomId, deps);
    room.state = RoomState.of(stored.state);
    room.log = { events: stored.log, start: stored.start };
    if (stored.base && room.projection) {
      room.#base = room.projection.restore(stored.base, deps.me);
      room.#foldedFrom = stored.log[0]?.event_id;
    }
    room.digest = stored.digest;
    const first = stored.log[0]?.event_id;
    if (stored.forgotten && first !== undefined) room.#opened.set(first, FORGOTTEN);
    return room;
  }

  store(): StoredRoom {
    const foldable = this.#foldable();
    const { projection } = this;
    return {
      v: 1,
      state: this.state.events(),
      log: foldable,
      start: foldable.length === this.log.events.length ? this.log.start : { kind: "trimmed" },
      base: projection && this.#foldedFrom !== undefined ? projection.store(this.#baseOf(projection)) : null,
      digest: this.digest,
      ...(this.#isForgotten(foldable[0]) ? { forgotten: true as const } : {}),
    };
  }

  get type(): RoomType | undefined {
    return this.state.identity?.type;
  }

  get orgId(): OrgId | undefined {
    return this.state.identity?.orgId;
  }

  /** How its log is folded; undefined for a room whose state says all. */
  get projection(): AnyProjection | undefined {
    const { type } = this;
    return type && this.#deps.projections.find(({ room }) => room === type);
  }

  openedOf(eventId: EventId): Opened | undefined {
    return this.#opened.get(eventId);
  }

  /** Runs `work` after everything that was asked of this room before. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  receive(update: RoomUpdate): void {
    this.state = this.state.with(update.state);
  }

  /** @returns what is new in the log, in its order */
  async closeGap(update: RoomUpdate): Promise<readonly RawEvent[]> {
    const added = await this.#merge(update);
    if (added.length === 0) return added;
    this.log = { ...this.log, events: applyRedactions(this.log.events, this.log.events) };
    for (const event of this.log.events) if (event.redacted) this.#opened.delete(event.event_id);
    return added;
  }

  /** @param added what `closeGap` gave */
  async open(added: readonly RawEvent[]): Promise<void> {
    if (!this.projection) return;
    await (this.#isUnfolded() ? this.#openAll() : this.#open(added));
  }

  /** @param added what `open` has opened */
  async fold(added: readonly RawEvent[]): Promise<void> {
    const { projection } = this;
    if (!projection) return;
    if (this.#isUnfolded() || added.some((event) => event.type === "m.room.redaction"))
      this.#keep(projection, this.#foldedWhole(projection));
    else this.#keep(projection, this.#fold(projection, this.projected, added));
    await this.#reachBack(projection);
    this.#trim(projection);
    this.#digest();
  }

  /** Opens the whole log and folds it anew: after a start, after a late key, when somebody's permissions changed. */
  async refold(): Promise<void> {
    const { projection } = this;
    if (!projection) return;
    await this.#openAll();
    this.#keep(projection, this.#foldedWhole(projection));
    this.#digest();
  }

  /** A key came: that event stands where it stood, and what follows it may mean something else now. */
  async retry(eventIds: readonly EventId[]): Promise<void> {
    for (const eventId of eventIds) this.#opened.delete(eventId);
    await this.refold();
  }

  /** @returns false when there is nothing older */
  async loadOlder(): Promise<boolean> {
    const page = await olderPage(this.log, this.roomId, this.#deps);
    if (!page) return false;
    const older = prependPage({ events: [], start: this.log.start }, page);
    const known = new Set(this.log.events.map((event) => event.event_id));
    const fresh = older.events.filter((event) => !known.has(event.event_id));
    await this.#open(fresh);
    this.log = prependPage(this.log, page);
    // Folded from further back: only where nothing was folded before the log, or it would be folded twice.
    const { projection } = this;
    if (projection && !projection.hasBegun(this.#baseOf(projection)) && !this.#isOver)
      this.#keep(projection, this.#foldedWhole(projection));
    this.#digest();
    return this.log.start.kind !== "beginning";
  }

  /** Whether this room has anything that is to be forgotten and was not. */
  holdsPast(isPastEvent: (event: RawEvent) => boolean, isPast: IsPast): boolean {
    const { projection, digest } = this;
    return (
      this.log.events.some((event) => !isPassedOn(this.#opened.get(event.event_id)) && isPastEvent(event)) ||
      (projection !== undefined &&
        ((this.projected !== undefined && projection.holdsPast(this.projected, isPast)) ||
          projection.isOver(digest, isPast) ||
          projection.saysMore(this.#baseOf(projection), digest)))
    );
  }

  /**
   * Lets go of all that is past the key window. What the room says now stays, folded once more from what can still be
   * read; what is over goes with its end. One event stays, sealed: where the rest of the log
   * joins on. What is loaded plays no part: a room that was not is as it would be if it were. [K7]
   */
  async forget(isPastEvent: (event: RawEvent) => boolean, isPast: IsPast): Promise<void> {
    const { decryptor, permissionsAt } = this.#deps;
    const { projection } = this;
    const loaded = this.projected !== undefined;
    const passed =
      projection &&
      (await passOn(projection, this.#baseOf(projection), this.#foldable(), {
        isPastEvent,
        permissionsAt,
        opened: this.#opened,
        openOnceMore: (event) => decryptor.openOnceMore(this.roomId, event),
      }));
    for (const event of this.log.events) if (isPastEvent(event)) this.#opened.set(event.event_id, FORGOTTEN);
    if (passed) {
      const from = passed.last.event_id;
      this.#base = passed.base;
      this.#cut(this.log.events.length - this.log.events.indexOf(passed.last));
      this.#opened.set(from, FORGOTTEN);
      this.#foldedFrom = from;
    }
    if (projection) await this.#foldWithoutPast(projection, isPast);
    this.#digest();
    if (loaded) return;
    this.projected = undefined;
    for (const [eventId, opened] of this.#opened)
      if (opened.kind !== "forgotten") this.#opened.delete(eventId);
  }

  async #foldWithoutPast(projection: AnyProjection, isPast: IsPast): Promise<void> {
    await this.#openAll();
    const now = this.#foldedWhole(projection);
    if (projection.isOver(projection.tell(now), isPast)) return this.#end(projection, now);
    this.#base = projection.carriedOn(this.#baseOf(projection), now);
    this.#isOver = false;
    this.projected = projection.withoutPast(this.#foldedWhole(projection), isPast);
  }

  /** Whether older messages were here, or are on the server, that this device no longer keeps. */
  get hasForgotten(): boolean {
    return this.forgottenUpTo !== undefined;
  }

  /**
   * When the newest of those came. That may be later than where the key window begins: a key goes with its block, and a
   * policy that makes blocks shorter finds keys whose long block began before the window and whose messages lie in it.
   */
  get forgottenUpTo(): number | undefined {
    return this.log.events.findLast((event) => this.#isForgotten(event))?.origin_server_ts;
  }

  /** Whether what stands before the log can be read here, as far as one knows. */
  get hasOlder(): boolean {
    const first = this.log.events.find((event) => event.type === ENCRYPTED);
    return this.log.start.kind !== "beginning" && !this.#isForgotten(first);
  }

  /** Lets go of what scrolling back has loaded. */
  letGoOfOlder(): void {
    const foldable = this.#foldable();
    if (this.#foldedFrom !== undefined) this.#cut(foldable.length);
    else if (this.log.events.length > MOST && this.projection) this.#trim(this.projection);
  }

  /**
   * What somebody has seen stays seen: the mark goes only forward.
   * @param upTo an event of the log, of whatever kind; without it, all
   * @returns whether the mark has moved
   */
  markRead(upTo?: EventId): boolean {
    const { events } = this.log;
    const seen = upTo === undefined ? events.length - 1 : events.findIndex(({ event_id: id }) => id === upTo);
    const at = events.findLastIndex((event, i) => i <= seen && event.type === ENCRYPTED);
    const last = events[at]?.event_id;
    if (last === undefined || at <= events.findIndex(({ event_id: id }) => id === this.readUpTo))
      return false;
    this.readUpTo = last;
    this.#digest();
    return true;
  }

  dispose(): void {
    this.#deps.decryptor.forget(this.roomId);
  }

  async #merge(update: RoomUpdate): Promise<readonly RawEvent[]> {
    const merge = mergeChunk(this.log, {
      events: update.timeline,
      mayHaveGap: update.mayHaveGap || this.#brokenOff,
      prevBatch: update.prevBatch,
    });
    this.#brokenOff = true;
    if (merge.kind === "gap" && !this.projection) {
      // Nothing is folded from this room's timeline: what was missed there is in its state.
      this.log = { events: update.timeline, start: { kind: "token", token: merge.token } };
      this.#brokenOff = false;
      return update.timeline;
    }
    const joined = await closeGap(this.log, merge, this.roomId, this.#deps);
    this.log = joined.log;
    this.#brokenOff = false;
    return joined.added;
  }

  /** Whether the whole log is to be opened and folded, and not only what came. */
  #isUnfolded(): boolean {
    return this.projected === undefined || this.#isOver;
  }

  /** What the log folds to, as far as it may still be said. [K7] */
  #keep(projection: AnyProjection, now: unknown): void {
    const { isPast } = this.#deps;
    const told = projection.tell(now);
    if (projection.isOver(told, isPast)) return this.#end(projection, now);
    this.#isOver = false;
    this.projected = now;
    const base = this.#baseOf(projection);
    const holdsPast = this.#isForgotten(this.#foldable()[0]) || projection.beganBefore(base, isPast);
    if (!holdsPast || !projection.saysMore(base, told)) return;
    this.#base = projection.carriedOn(base, now);
    this.projected = this.#foldedWhole(projection);
  }

  /** It is over, and its end past: nothing of it stays, whoever sums it up. One that begins again is folded from there. */
  #end(projection: AnyProjection, now: unknown): void {
    this.#isOver = true;
    this.#base = projection.end(now);
    this.#foldedFrom ??= this.log.events[0]?.event_id;
    this.projected = projection.initial;
    for (const [eventId, opened] of this.#opened)
      if (opened.kind === "entry") this.#opened.set(eventId, SEALED);
  }

  /** Goes back until the beginning, or what a summary covers, or the end of patience. */
  async #reachBack(projection: AnyProjection): Promise<void> {
    while (
      // Not folded since the start: what was stored is as far back as it was then.
      this.projected !== undefined &&
      !this.#isOver &&
      projection.wantsOlder(this.projected) &&
      this.#foldedFrom === undefined &&
      this.hasOlder &&
      this.log.events.length < FURTHEST_BACK
    ) {
      const length = this.log.events.length;
      const more = await this.loadOlder();
      if (!more || this.log.events.length === length) return;
    }
  }

  #baseOf({ initial }: AnyProjection): unknown {
    return this.#base ?? initial;
  }

  #foldedWhole(projection: AnyProjection): unknown {
    return this.#fold(projection, this.#baseOf(projection), this.#foldable());
  }

  #fold(projection: AnyProjection, before: unknown, events: readonly RawEvent[]): unknown {
    return projection.fold(before, events, (id) => this.#opened.get(id), this.#deps.permissionsAt);
  }

  async #openAll(): Promise<void> {
    for (const [eventId, opened] of this.#opened) if (opened === SEALED) this.#opened.delete(eventId);
    await this.#open(this.log.events);
  }

  async #open(events: readonly RawEvent[]): Promise<void> {
    for (const event of events) {
      if (event.type !== ENCRYPTED || event.redacted || this.#opened.has(event.event_id)) continue;
      this.#opened.set(event.event_id, await this.#deps.decryptor.open(this.roomId, event));
    }
  }

  /** The part of the log that is folded onto `#base`. */
  #foldable(): readonly RawEvent[] {
    if (this.#foldedFrom === undefined) return this.log.events;
    const at = this.log.events.findIndex((event) => event.event_id === this.#foldedFrom);
    return this.log.events.slice(Math.max(0, at));
  }

  #trim(projection: AnyProjection): void {
    const foldable = this.#foldable();
    if (foldable.length <= MOST || this.projected === undefined || !projection.hasBegun(this.projected))
      return;
    if (projection.waitsForNewer(this.projected) && foldable.length < FURTHEST_BACK) return;
    this.#base = projection.withoutHistory(
      this.#fold(projection, this.#baseOf(projection), foldable.slice(0, -KEEP)),
    );
    this.#cut(KEEP);
    this.#foldedFrom = this.log.events[0]?.event_id;
  }

  #cut(keep: number): void {
    const log = trimLog(this.log, keep);
    for (const event of this.log.events.slice(0, this.log.events.length - log.events.length))
      this.#opened.delete(event.event_id);
    this.log = log;
  }

  #isForgotten(event: RawEvent | undefined): boolean {
    return event !== undefined && this.#opened.get(event.event_id)?.kind === "forgotten";
  }

  #digest(): void {
    this.digest = digestOf({
      me: this.#deps.me,
      before: this.digest,
      log: this.log,
      openedOf: (eventId) => this.openedOf(eventId),
      projection: this.projection,
      projected: this.projected,
      readUpTo: this.readUpTo,
      createdAt: this.state.identity?.createdAt,
    });
  }
}
