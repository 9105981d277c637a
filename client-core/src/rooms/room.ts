import {
  carriedOn,
  endOf,
  initialRequest,
  isClosedBefore,
  saysMoreThan,
  type EventId,
  type OrgId,
  type RequestState,
  type RoomId,
  type RoomType,
  type UserId,
} from "@hearth/protocol";
import type { Decryptor, Opened } from "./decryptor.ts";
import {
  ENCRYPTED,
  foldEvents,
  isAffected,
  restoreRequest,
  storeRequest,
  type PermissionsAt,
} from "./fold.ts";
import { digestOf } from "./digest.ts";
import { isPassedOn, passOn, withoutPast } from "./forget.ts";
import { closeGap, olderPage, type Pages } from "./pages.ts";
import type { RawEvent } from "./rawEvent.ts";
import { applyRedactions, EMPTY_LOG, mergeChunk, prependPage, trimLog, type RoomLog } from "./roomLog.ts";
import { RoomState } from "./roomState.ts";
import { EMPTY_DIGEST, type Digest, type StoredRoom } from "./storedRoom.ts";
import type { RoomUpdate } from "../workspace/sync.ts";
import { Turns } from "../work/turns.ts";

/** What a room needs from around it: each a single capability. */
export type RoomDeps = Pages & {
  readonly me: UserId;
  readonly decryptor: Decryptor;
  readonly permissionsAt: PermissionsAt;
  /** Whether what stems from an instant is past the key window; never on a device that keeps all. */
  readonly isPast: (at: number) => boolean;
};

export type { Digest, StoredRoom } from "./storedRoom.ts";

/** The log is cut back to KEEP when it is longer than MOST. */
const MOST = 240;
const KEEP = 160;
/** A request whose beginning lies further back than this, with no snapshot since, is shown as unreadable. */
const FURTHEST_BACK = 5000;

/**
 * One room as this device knows it: state, log, what is inside, and for a request what it folds to. Its methods that
 * change it run one after another (see `inTurn`), so an answer that is slow can't overtake one that came later.
 */
export class Room {
  readonly roomId: RoomId;
  state = new RoomState();
  log: RoomLog = EMPTY_LOG;
  /** The last event that the person has read. */
  readUpTo: EventId | undefined;
  digest: Digest = EMPTY_DIGEST;
  /** What the log folds to; undefined until it was needed since the start. */
  request: RequestState | undefined;
  readonly #deps: RoomDeps;
  readonly #opened = new Map<EventId, Opened>();
  /** Closing a gap broke off: the next chunk can't be trusted to follow on. */
  #brokenOff = false;
  /** The request is closed, and its closing past the key window: it is shown no more. */
  #isOver = false;
  #base: RequestState = initialRequest();
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
    if (stored.base) {
      room.#base = restoreRequest(stored.base, deps.me);
      room.#foldedFrom = stored.log[0]?.event_id;
    }
    room.digest = stored.digest;
    const first = stored.log[0]?.event_id;
    if (stored.forgotten && first !== undefined) room.#opened.set(first, FORGOTTEN);
    return room;
  }

  store(): StoredRoom {
    const foldable = this.#foldable();
    return {
      v: 1,
      state: this.state.events(),
      log: foldable,
      start: foldable.length === this.log.events.length ? this.log.start : { kind: "trimmed" },
      base: this.#foldedFrom === undefined ? null : storeRequest(this.#base),
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

  get isRequest(): boolean {
    return this.type === "org.hearth.request";
  }

  openedOf(eventId: EventId): Opened | undefined {
    return this.#opened.get(eventId);
  }

  /** Runs `work` after everything that was asked of this room before. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(work);
  }

  /** Takes in one sync response: state, then the log with its gap closed, then what is inside, then the fold. */
  async take(update: RoomUpdate): Promise<readonly RawEvent[]> {
    this.state = this.state.with(update.state);
    const added = await this.#merge(update);
    if (added.length === 0) return added;
    this.log = { ...this.log, events: applyRedactions(this.log.events, this.log.events) };
    this.#forgetRedacted();
    if (!this.isRequest) return added;
    if (this.request === undefined || this.#isOver) await this.refold();
    else await this.#foldAdded(added);
    await this.#reachBack();
    this.#trim();
    this.#digest();
    return added;
  }

  /** Opens the whole log and folds it anew: after a start, after a late key, when somebody's permissions changed. */
  async refold(): Promise<void> {
    await this.#openAll();
    this.#keep(this.#fold(this.#base, this.#foldable()));
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
    if (this.#base.folded === undefined && this.isRequest && !this.#isOver)
      this.#keep(this.#fold(this.#base, this.#foldable()));
    this.#digest();
    return this.log.start.kind !== "beginning";
  }

  /** Whether this room has anything that is to be forgotten and was not. */
  holdsPast(isPastEvent: (event: RawEvent) => boolean, isPast: (at: number) => boolean): boolean {
    const { folded, closedSince } = this.digest;
    return (
      this.log.events.some((event) => !isPassedOn(this.#opened.get(event.event_id)) && isPastEvent(event)) ||
      this.request?.history.some((item) => isPast(item.serverTs)) === true ||
      isClosedBefore(folded, closedSince, isPast) ||
      saysMoreThan(this.#base, folded)
    );
  }

  /**
   * Lets go of all that is past the key window. What an open request says now stays, folded once more from what can
   * still be read; what a closed one said goes with its closing. One event stays, sealed: where the rest of the log
   * joins on. What is loaded plays no part: a room that was not is as it would be if it were. [K7]
   */
  async forget(isPastEvent: (event: RawEvent) => boolean, isPast: (at: number) => boolean): Promise<void> {
    const { decryptor, permissionsAt } = this.#deps;
    const loaded = this.request !== undefined;
    const passed = await passOn(this.#base, this.#foldable(), {
      isPastEvent,
      permissionsAt,
      opened: this.#opened,
      openOnceMore: (event) => decryptor.openOnceMore(this.roomId, event),
    });
    for (const event of this.log.events) if (isPastEvent(event)) this.#opened.set(event.event_id, FORGOTTEN);
    if (passed) {
      const from = passed.last.event_id;
      this.#base = passed.base;
      this.#cut(this.log.events.length - this.log.events.indexOf(passed.last));
      this.#opened.set(from, FORGOTTEN);
      this.#foldedFrom = from;
    }
    await this.#openAll();
    const now = this.#fold(this.#base, this.#foldable());
    if (isClosedBefore(now.folded, now.closing?.at, isPast)) this.#end(now);
    else {
      this.#base = carriedOn(this.#base, now);
      this.#isOver = false;
      this.request = withoutPast(this.#fold(this.#base, this.#foldable()), isPast);
    }
    this.#digest();
    if (loaded) return;
    this.request = undefined;
    for (const [eventId, opened] of this.#opened)
      if (opened.kind !== "forgotten") this.#opened.delete(eventId);
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
    else if (this.log.events.length > MOST) this.#trim();
  }

  markRead(): boolean {
    const last = this.log.events.findLast((event) => event.type === ENCRYPTED)?.event_id;
    if (last === undefined || last === this.readUpTo) return false;
    this.readUpTo = last;
    this.#digest();
    return true;
  }

  /** Whether somebody's permissions as of some event here are not what they were. */
  affectedBy(earlier: PermissionsAt, now: PermissionsAt): boolean {
    return isAffected(this.log.events, earlier, now);
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
    if (merge.kind === "gap" && !this.isRequest) {
      // Nothing is folded from org rooms' timelines: what was missed there is in their state.
      this.log = { events: update.timeline, start: { kind: "token", token: merge.token } };
      this.#brokenOff = false;
      return update.timeline;
    }
    const joined = await closeGap(this.log, merge, this.roomId, this.#deps);
    this.log = joined.log;
    this.#brokenOff = false;
    return joined.added;
  }

  async #foldAdded(added: readonly RawEvent[]): Promise<void> {
    await this.#open(added);
    if (added.some((event) => event.type === "m.room.redaction"))
      this.#keep(this.#fold(this.#base, this.#foldable()));
    else if (this.request) this.#keep(this.#fold(this.request, added));
  }

  /** What the log folds to, as far as it may still be said. [K7] */
  #keep(now: RequestState): void {
    const { isPast } = this.#deps;
    if (isClosedBefore(now.folded, now.closing?.at, isPast)) return this.#end(now);
    this.#isOver = false;
    this.request = now;
    const { folded } = this.#base;
    const holdsPast = this.#isForgotten(this.#foldable()[0]) || (folded && isPast(folded.opened_at));
    if (!holdsPast || !saysMoreThan(this.#base, now.folded)) return;
    this.#base = carriedOn(this.#base, now);
    this.request = this.#fold(this.#base, this.#foldable());
  }

  /** The request is over, and its closing past: nothing of it stays, whoever sums it up. A reopening folds all anew. */
  #end(now: RequestState): void {
    this.#isOver = true;
    this.#base = endOf(now);
    this.#foldedFrom ??= this.log.events[0]?.event_id;
    this.request = initialRequest();
    for (const [eventId, opened] of this.#opened)
      if (opened.kind === "entry") this.#opened.set(eventId, SEALED);
  }

  /** Goes back until the request's beginning, or what a snapshot covers, or the end of patience. */
  async #reachBack(): Promise<void> {
    while (
      // Not folded since the start: what was stored is as far back as it was then.
      this.request !== undefined &&
      !this.#isOver &&
      (this.request.folded === undefined || this.request.unreached !== undefined) &&
      this.#foldedFrom === undefined &&
      this.hasOlder &&
      this.log.events.length < FURTHEST_BACK
    ) {
      const length = this.log.events.length;
      const more = await this.loadOlder();
      if (!more || this.log.events.length === length) return;
    }
  }

  #fold(before: RequestState, events: readonly RawEvent[]): RequestState {
    return foldEvents(before, events, (id) => this.#opened.get(id), this.#deps.permissionsAt);
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

  #trim(): void {
    const foldable = this.#foldable();
    if (foldable.length <= MOST || !this.request?.folded) return;
    // A later version of this client can read what this one can't: that is not cut off while it can wait. [L15]
    if (this.request.metNewer && foldable.length < FURTHEST_BACK) return;
    // The lines of its history go with their events.
    this.#base = { ...this.#fold(this.#base, foldable.slice(0, -KEEP)), history: [] };
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

  #forgetRedacted(): void {
    for (const event of this.log.events) if (event.redacted) this.#opened.delete(event.event_id);
  }

  #digest(): void {
    this.digest = digestOf({
      me: this.#deps.me,
      before: this.digest,
      log: this.log,
      openedOf: (eventId) => this.openedOf(eventId),
      request: this.request,
      readUpTo: this.readUpTo,
      createdAt: this.state.identity?.createdAt,
    });
  }
}

const FORGOTTEN: Opened = { kind: "forgotten", passedOn: true };
/** An entry of a request whose closing is past: within the window, and of nothing that may still be shown. */
const SEALED: Opened = { kind: "forgotten", passedOn: false };
