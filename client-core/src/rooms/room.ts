import {
  initialRequest,
  Snapshot,
  type EventId,
  type OrgId,
  type RequestState,
  type RoomId,
  type RoomType,
  type UserId,
} from "@hearth/protocol";
import type { Decryptor, Opened } from "./decryptor.ts";
import { ENCRYPTED, foldEvents, restoreRequest, storeRequest, type PermissionsAt } from "./fold.ts";
import { closedBefore, isPassedOn, passOn, withoutPast } from "./forget.ts";
import type { RawEvent } from "./rawEvent.ts";
import {
  applyRedactions,
  EMPTY_LOG,
  mergeChunk,
  mergePage,
  prependPage,
  trimLog,
  type Page,
  type RoomLog,
} from "./roomLog.ts";
import { RoomState } from "./roomState.ts";
import { EMPTY_DIGEST, type Digest, type StoredRoom } from "./storedRoom.ts";
import { shownIncomplete } from "./shownIncomplete.ts";
import type { RoomUpdate } from "../workspace/sync.ts";
import { Turns } from "../work/turns.ts";

/** What a room needs from around it: each a single capability. */
export type RoomDeps = {
  readonly me: UserId;
  readonly decryptor: Decryptor;
  /** Older events; waits while the homeserver can't be reached. Throws when it refuses, or when all is stopped. */
  readonly fetchPage: (roomId: RoomId, from: string) => Promise<Page>;
  /** The token for the place before an event. */
  readonly fetchTokenBefore: (roomId: RoomId, eventId: EventId) => Promise<string | undefined>;
  readonly permissionsAt: PermissionsAt;
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
      room.#base = restoreRequest(stored.base);
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
    if (this.request === undefined) await this.refold();
    else await this.#foldAdded(added);
    await this.#reachBack();
    this.#trim();
    this.#digest();
    return added;
  }

  /** Opens the whole log and folds it anew: after a start, after a late key, when somebody's permissions changed. */
  async refold(): Promise<void> {
    await this.#open(this.log.events);
    this.request = this.#fold(this.#base, this.#foldable());
    this.#digest();
  }

  /** A key came: that event stands where it stood, and what follows it may mean something else now. */
  async retry(eventIds: readonly EventId[]): Promise<void> {
    for (const eventId of eventIds) this.#opened.delete(eventId);
    await this.refold();
  }

  /** @returns false when there is nothing older */
  async loadOlder(): Promise<boolean> {
    const { start } = this.log;
    if (start.kind === "beginning") return false;
    const first = this.log.events[0]?.event_id;
    const token =
      start.kind === "token" || first === undefined
        ? start.kind === "token" && start.token
        : await this.#deps.fetchTokenBefore(this.roomId, first);
    if (!token) return false;
    const page = await this.#deps.fetchPage(this.roomId, token);
    const older = prependPage({ events: [], start }, page);
    const known = new Set(this.log.events.map((event) => event.event_id));
    const fresh = older.events.filter((event) => !known.has(event.event_id));
    await this.#open(fresh);
    this.log = prependPage(this.log, page);
    // Folded from further back: only where nothing was folded before the log, or it would be folded twice.
    if (this.#base.folded === undefined && this.isRequest)
      this.request = this.#fold(this.#base, this.#foldable());
    this.#digest();
    return this.log.start.kind !== "beginning";
  }

  /** Whether this room has anything that is to be forgotten and was not. */
  holdsPast(isPastEvent: (event: RawEvent) => boolean, isPast: (at: number) => boolean): boolean {
    const { history } = this.request ?? this.#base;
    return (
      this.log.events.some((event) => !isPassedOn(this.#opened.get(event.event_id)) && isPastEvent(event)) ||
      history.some((item) => isPast(item.serverTs)) ||
      closedBefore(this.request ?? this.#base, this.digest.folded, isPast)
    );
  }

  /**
   * Lets go of all that is past the key window. What an open request says stays, folded once more from what can still
   * be read; what a closed one said goes with its closing. One event stays, sealed: where the rest of the log joins on.
   */
  async forget(isPastEvent: (event: RawEvent) => boolean, isPast: (at: number) => boolean): Promise<void> {
    const { decryptor, permissionsAt } = this.#deps;
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
    const folded = this.request ? this.request.folded : this.digest.folded;
    const gone = closedBefore(this.request ?? this.#base, folded, isPast);
    this.#base = gone ? initialRequest() : withoutPast(this.#base, isPast);
    if (gone) this.#foldedFrom ??= this.log.events[0]?.event_id;
    if (gone) this.digest = { ...this.digest, folded: undefined };
    if (!this.request) return;
    this.request = withoutPast(this.#fold(this.#base, this.#foldable()), isPast);
    this.#digest();
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
    return this.log.events.some((event) => {
      if (event.type !== ENCRYPTED) return false;
      const was = earlier(event.sender, event.origin_server_ts);
      const is = now(event.sender, event.origin_server_ts);
      return was.size !== is.size || [...was].some((permission) => !is.has(permission));
    });
  }

  dispose(): void {
    this.#deps.decryptor.forget(this.roomId);
  }

  async #merge(update: RoomUpdate): Promise<readonly RawEvent[]> {
    let merge = mergeChunk(this.log, {
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
    while (merge.kind === "gap")
      merge = mergePage(this.log, merge.held, await this.#deps.fetchPage(this.roomId, merge.token));
    this.log = merge.log;
    this.#brokenOff = false;
    return merge.added;
  }

  async #foldAdded(added: readonly RawEvent[]): Promise<void> {
    await this.#open(added);
    if (added.some((event) => event.type === "m.room.redaction"))
      this.request = this.#fold(this.#base, this.#foldable());
    else if (this.request) this.request = this.#fold(this.request, added);
  }

  /** Goes back until the request's beginning, or what a snapshot covers, or the end of patience. */
  async #reachBack(): Promise<void> {
    while (
      // Not folded since the start: what was stored is as far back as it was then.
      this.request !== undefined &&
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
    this.#base = this.#fold(this.#base, foldable.slice(0, -KEEP));
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
    const { me } = this.#deps;
    const encrypted = this.log.events.filter((event) => event.type === ENCRYPTED && !event.redacted);
    const opened = encrypted.map((event) => this.#opened.get(event.event_id));
    const counts = encrypted.filter((_, i) => !isSnapshot(opened[i]) && opened[i]?.kind !== "forgotten");
    const last = counts.at(-1);
    const readAt = encrypted.findIndex((event) => event.event_id === this.readUpTo);
    const readIds = new Set(encrypted.slice(0, readAt + 1).map((event) => event.event_id));
    this.digest = {
      folded: this.request ? this.request.folded : this.digest.folded,
      incomplete: this.request ? shownIncomplete(this.request, this.log).length > 0 : this.digest.incomplete,
      unreadable: this.request
        ? opened.filter((one) => one?.kind === "unreadable").length
        : this.digest.unreadable,
      hasContent: this.digest.hasContent || encrypted.length > 0,
      mine:
        this.digest.mine ||
        this.request?.folded?.opened_by === me ||
        encrypted.some((event) => event.sender === me),
      lastActivityAt:
        last?.origin_server_ts ?? (this.digest.lastActivityAt || (this.state.identity?.createdAt ?? 0)),
      unread: this.#unread(counts, readIds),
    };
  }

  #unread(counts: readonly RawEvent[], readIds: ReadonlySet<EventId>): number {
    const { me } = this.#deps;
    // What was written before this person came is not news to catch up with; that they were called is one.
    const cameAt = this.log.events.findLastIndex(
      (event) =>
        event.type === "m.room.member" && event.state_key === me && event.content["membership"] === "join",
    );
    const since = new Set(this.log.events.slice(cameAt + 1).map((event) => event.event_id));
    const unread = counts.filter(
      (event) => event.sender !== me && since.has(event.event_id) && !readIds.has(event.event_id),
    ).length;
    const isNew = this.readUpTo === undefined && counts.some((event) => event.sender !== me);
    return isNew ? Math.max(1, unread) : unread;
  }
}

const FORGOTTEN: Opened = { kind: "forgotten", passedOn: true };

function isSnapshot(opened: Opened | undefined): boolean {
  return opened?.kind === "entry" && opened.type === Snapshot.type;
}
