import type { z } from "zod";
import type { EventId, LogEntryId, UserId } from "../ids.ts";
import { canonicalJson } from "./canonical.ts";
import { ageOf } from "./carry.ts";
import { nextChain } from "./chain.ts";
import { mayBePermitted, readEntry, type Entry } from "./entry.ts";
import type { AnyEnvelope } from "./envelope.ts";
import { Opened } from "./events/opened.ts";
import type { Snapshot } from "./events/snapshot.ts";
import type { FoldedRequest } from "./folded.ts";
import { initialRequest } from "./initial.ts";
import type {
  Closing,
  EntryRefusal,
  FoldedAt,
  HistoryItem,
  Incompleteness,
  LeftOut,
  LogInput,
  RequestState,
  TailItem,
} from "./model.ts";
import { rulesOf, type RuleSet } from "./rules.ts";

/** Held while nothing is folded; more than a request's room is expected to have between two snapshots. */
const MAX_HELD = 2000;
/** How far back a snapshot may lag behind what others wrote meanwhile and still be compared. */
const MAX_TAIL = 64;
const MAX_INCOMPLETE = 100;
/** Devices counted that never had an entry accepted: they must not be able to blow a snapshot up. */
const MAX_COUNTERS_OF_REFUSED = 200;
const MAX_HEADS = 20;

type SnapshotEntry = z.infer<typeof Snapshot.schema>;

/** A request's state while events are folded into it: copied once, then changed in place, then given away. */
export class Draft {
  private folded: FoldedRequest | undefined;
  private toldBy: UserId | undefined;
  private lastEventId: EventId | undefined;
  private chain: string;
  private history: HistoryItem[];
  private incomplete: Incompleteness[];
  private readonly seen: Set<LogEntryId>;
  private tail: TailItem[];
  private sinceStart: Set<LogEntryId> | undefined;
  private unreached: EventId | undefined;
  private closing: Closing | undefined;
  private ended: RequestState["ended"];
  private readonly leftOut: Set<LeftOut>;
  private needs: number;
  private metNewer: boolean;
  private readonly taken: Set<EventId>;
  private readonly rules: RuleSet;

  constructor(state: RequestState, rules: RuleSet) {
    this.rules = rules;
    this.needs = state.rules;
    this.metNewer = state.metNewer;
    this.folded = state.folded;
    this.toldBy = state.toldBy;
    this.lastEventId = state.lastEventId;
    this.chain = state.chain;
    this.history = [...state.history];
    this.incomplete = [...state.incomplete];
    this.seen = new Set(state.seen);
    this.tail = [...state.tail];
    this.sinceStart = state.sinceStart && new Set(state.sinceStart);
    this.unreached = state.unreached;
    this.closing = state.closing;
    this.ended = state.ended;
    this.leftOut = new Set(state.leftOut);
    this.taken = new Set(state.history.map((item) => item.eventId));
  }

  done(): RequestState {
    const { folded, toldBy, lastEventId, chain, history, incomplete, seen, tail, sinceStart } = this;
    const { closing, leftOut, ended, needs, metNewer } = this;
    const version = { rules: needs, metNewer };
    const place = { toldBy, lastEventId, sinceStart, closing, leftOut, ...(ended && { ended }), ...version };
    const state = { folded, chain, history, incomplete, seen, tail, ...place };
    return this.unreached === undefined ? state : { ...state, unreached: this.unreached };
  }

  take(input: LogInput): void {
    if (this.taken.has(input.eventId)) return;
    this.taken.add(input.eventId);
    this.judge(input);
    this.remember(input.eventId, input);
  }

  takeUnreadable(eventId: EventId): void {
    if (this.taken.has(eventId)) return;
    if (this.incomplete.some((item) => item.kind === "unreadable" && item.eventId === eventId)) return;
    this.flag({ kind: "unreadable", eventId });
    this.remember(eventId, undefined);
  }

  private judge(input: LogInput): void {
    const read = readEntry(input, this.rules);
    if (!read.ok) {
      const isNewer = read.reason === "newer_version" && mayBePermitted(input, this.rules);
      this.refuse(input, read.envelope?.id, read.reason);
      if (isNewer) this.meetNewer(input);
      if (read.envelope) {
        if (read.reason === "newer_version") this.note(read.envelope.id);
        this.count(input, read.envelope, isNewer);
      }
      return;
    }
    const { rule, content } = read.entry;
    if (this.seen.has(content.id) || content.seq <= this.counterOf(input, content)) {
      this.refuse(input, content.id, "repeated");
      this.count(input, content, false);
      return;
    }
    const refusal = input.senderPermissions.has(rule.permission)
      ? rule.refusal(this.folded)
      : "not_permitted";
    if (refusal) {
      this.refuse(input, content.id, refusal);
      this.count(input, content, refusal !== "not_permitted");
      return;
    }
    // The rule without an effect of its own is that of summaries.
    if (rule.apply) this.fold(input, read.entry, rule.apply);
    else this.takeSnapshot(input, content as SnapshotEntry);
  }

  /** Somebody permitted writes with a newer version: what this one makes of the rest proves nothing (SPEC [L15]). */
  private meetNewer({ eventId, sender }: LogInput): void {
    // A first one is shown, whatever else is missing.
    if (!this.metNewer) this.incomplete = this.incomplete.slice(0, MAX_INCOMPLETE - 1);
    this.metNewer = true;
    this.flag({ kind: "newer_version", eventId, author: sender });
  }

  private fold(input: LogInput, { rule, content }: Entry, apply: NonNullable<Entry["rule"]["apply"]>): void {
    // Whatever came before the opening stays refused: there was nothing that it could have changed.
    if (rule.type === Opened.type) this.tail = [];
    this.folded = apply(this.folded, content, input.sender);
    const { counters, closed } = this.folded;
    const at = { at: ageOf(input), counters: { ...counters, [counterKey(input, content)]: content.seq } };
    if (!closed) this.closing = undefined;
    else this.closing ??= at;
    for (const name of rule.says(content)) this.leftOut.delete(name);
    this.needs = Math.max(this.needs, rule.since);
    this.chain = nextChain(this.chain, content.id, input.content);
    this.history.push({ ...where(input, content.id), what: rule.describe(content) });
    this.link(input, content);
  }

  /** Places an accepted entry among its predecessors, and flags those that are missing. */
  private link(input: LogInput, envelope: AnyEnvelope): void {
    this.checkHeads(envelope);
    this.count(input, envelope, true);
    if (this.folded) {
      const gone = new Set(envelope.heads);
      const heads = [...this.folded.heads.filter((head) => !gone.has(head)), envelope.id].slice(-MAX_HEADS);
      this.folded = { ...this.folded, heads };
      this.lastEventId = input.eventId;
    }
    this.note(envelope.id);
  }

  private checkHeads({ id, heads }: AnyEnvelope): void {
    const knows = this.sinceStart && heads.some((head) => this.sinceStart?.has(head));
    if (this.sinceStart && knows) this.sinceStart.add(id);
    // A writer who had not seen the snapshot that we started from may name heads that it covers.
    if (this.sinceStart && !knows) return;
    for (const entryId of heads)
      if (!this.seen.has(entryId) && !this.folded?.heads.includes(entryId))
        this.flag({ kind: "missing_entry", entryId });
  }

  private note(id: LogEntryId): void {
    this.seen.add(id);
    // Its place is before the one that missed it. It is folded where it stands, and not silently.
    this.incomplete = this.incomplete.map((item) =>
      item.kind === "missing_entry" && item.entryId === id ? { kind: "out_of_order", entryId: id } : item,
    );
  }

  private counterOf(input: LogInput, envelope: AnyEnvelope): number {
    const counters = this.folded?.counters;
    const key = counterKey(input, envelope);
    return counters && Object.hasOwn(counters, key) ? (counters[key] ?? 0) : 0;
  }

  /** Every valid envelope advances its device's counter, or the device's next entry would look like a gap. */
  private count(input: LogInput, envelope: AnyEnvelope, permitted: boolean): void {
    if (!this.folded) return;
    const before = this.counterOf(input, envelope);
    if (envelope.seq <= before) return;
    const full = Object.keys(this.folded.counters).length >= MAX_COUNTERS_OF_REFUSED;
    if (!permitted && before === 0 && full) return;
    const key = counterKey(input, envelope);
    if (permitted && envelope.seq > before + 1)
      this.flag({ kind: "counter_gap", device: key, after: before, got: envelope.seq });
    this.folded = { ...this.folded, counters: { ...this.folded.counters, [key]: envelope.seq } };
    this.lastEventId = input.eventId;
  }

  private takeSnapshot(input: LogInput, snapshot: SnapshotEntry): void {
    const by = snapshot.rules ?? 1;
    if (!this.folded) {
      if (!this.isFromBeforeTheEnd(snapshot) && !this.passesOver(snapshot, by))
        return this.startFrom(input, snapshot, input.sender);
      this.history.push({ ...where(input, snapshot.id), what: { kind: "snapshot" } });
      return this.note(snapshot.id);
    }
    if (by > this.rules.version) this.meetNewer(input);
    const at = this.tail.findLastIndex((item) => item.eventId === snapshot.up_to);
    const known = this.metNewer ? undefined : this.foldedAs(by, at);
    const same =
      known !== undefined &&
      known.chain === snapshot.chain &&
      canonicalJson(known.folded) === canonicalJson(snapshot.state);
    // Something is missing here that the author may have read: go on from what they say.
    if (this.tail[at]?.after && this.lacksEntries() && !this.passesOver(snapshot, by))
      return this.startFrom(input, snapshot, same ? this.toldBy : input.sender);
    // Without the state at that point there is nothing to compare: it says nothing for or against ours.
    if (same || known === undefined)
      this.history.push({ ...where(input, snapshot.id), what: { kind: "snapshot" } });
    else {
      this.refuse(input, snapshot.id, "snapshot_mismatch");
      this.flag({ kind: "snapshot_mismatch", eventId: input.eventId, author: input.sender });
    }
    this.link(input, snapshot);
  }

  /**
   * What a version of the rules folds up to an event of the tail (SPEC [L14]): as it is remembered, where nothing newer
   * was folded; else folded once more from where that was so. Undefined where it can't be known.
   */
  private foldedAs(version: number, at: number): FoldedAt | undefined {
    const isAlike = (item: TailItem) => item.after?.exact === true && item.after.rules <= version;
    const from = this.tail.slice(0, at + 1).findLastIndex(isAlike);
    const start = this.tail[from]?.after;
    if (!start || from === at) return start;
    if (version >= this.rules.version) return undefined;
    const { folded, chain, rules } = start;
    const draft = new Draft({ ...initialRequest(), folded, chain, rules }, rulesOf(this.rules, version));
    for (const { input } of this.tail.slice(from + 1, at + 1)) {
      if (!input) return undefined;
      draft.take(input);
    }
    return draft.folded && { folded: draft.folded, chain: draft.chain, exact: true, rules: draft.needs };
  }

  /** Whether a summary by an older version covers an entry that its author could not read, and this version can. */
  private passesOver(snapshot: SnapshotEntry, by: number): boolean {
    const isNewer = (rules: number) => rules > by && rules <= this.rules.version;
    const at = this.tail.findIndex((item) => item.eventId === snapshot.up_to);
    if (isNewer(this.tail[at]?.after?.rules ?? 0) || (at < 0 && this.folded && isNewer(this.needs)))
      return true;
    return this.tail.some(({ input }, i) => {
      const read = input && readEntry(input, this.rules);
      if (!read?.ok || !isNewer(read.entry.rule.since)) return false;
      if (!input?.senderPermissions.has(read.entry.rule.permission)) return false;
      const { content } = read.entry;
      const { counters } = snapshot.state;
      const key = counterKey(input, content);
      return at >= 0 ? i <= at : Object.hasOwn(counters, key) && content.seq <= (counters[key] ?? 0);
    });
  }

  private isFromBeforeTheEnd({ state: { counters } }: SnapshotEntry): boolean {
    return Object.entries(this.ended ?? {}).some(
      ([key, seq]) => !Object.hasOwn(counters, key) || (counters[key] ?? 0) < seq,
    );
  }

  private lacksEntries(): boolean {
    // What a newer version wrote is not made up for by who says that they can read it: anybody may claim a version.
    return this.incomplete.some(({ kind }) => kind !== "snapshot_mismatch" && kind !== "newer_version");
  }

  /** Believes a permitted author about all that came up to `up_to`, and judges anew what came since. */
  private startFrom(input: LogInput, snapshot: SnapshotEntry, toldBy: UserId | undefined): void {
    const cut = this.tail.findIndex((item) => item.eventId === snapshot.up_to) + 1;
    const before = this.tail.slice(0, cut);
    const since = this.tail.slice(cut);
    const sinceIds = new Set(since.map((item) => item.eventId));

    this.closing = this.closingToldBy(input, snapshot.state);
    this.leftOut.clear();
    this.ended = undefined;
    this.needs = snapshot.rules ?? 1;
    this.metNewer = false;
    this.folded = snapshot.state;
    this.chain = snapshot.chain;
    this.toldBy = toldBy;
    this.lastEventId = snapshot.up_to;
    this.unreached = cut === 0 ? snapshot.up_to : undefined;
    this.sinceStart = new Set([snapshot.id]);
    this.history = this.history.filter((item) => !sinceIds.has(item.eventId));
    // What came since is flagged again in its turn: a snapshot among it must not see what lies behind itself.
    this.incomplete = this.incomplete.filter(
      (item) => item.kind === "snapshot_mismatch" && !sinceIds.has(item.eventId),
    );
    this.tail = [];
    if (this.needs > this.rules.version) this.meetNewer(input);
    for (const item of before) if (item.input) this.vouch(item.input);
    for (const head of snapshot.state.heads) this.seen.add(head);
    this.remember(snapshot.up_to, undefined);
    for (const item of since) if (item.input) this.forget(item.input);
    for (const item of since) {
      // When `up_to` is older than all that was held, only the counters tell what it covers.
      if (!item.input) this.flag({ kind: "unreadable", eventId: item.eventId });
      else if (cut > 0 || !this.vouch(item.input)) this.judge(item.input);
      this.remember(item.eventId, item.input);
    }
    this.history.push({ ...where(input, snapshot.id), what: { kind: "snapshot" } });
    this.link(input, snapshot);
  }

  private closingToldBy(input: LogInput, { closed, counters }: FoldedRequest): Closing | undefined {
    if (!closed) return undefined;
    const own = this.folded?.closed?.at === closed.at ? this.closing : undefined;
    const at = Math.min(closed.at, ageOf(input), own?.at ?? Infinity);
    return { at, counters: own?.counters ?? counters };
  }

  /** Shows an entry that the snapshot covers as what it is, though it was folded by somebody else. */
  private vouch(input: LogInput): boolean {
    const read = readEntry(input, this.rules);
    if (!read.ok || read.entry.content.seq > this.counterOf(input, read.entry.content)) return false;
    const { entry } = read;
    this.seen.add(entry.content.id);
    const item = { ...where(input, entry.content.id), what: entry.rule.describe(entry.content) };
    const at = this.history.findIndex(({ eventId }) => eventId === input.eventId);
    const now = this.history[at];
    if (at < 0) this.history.push(item);
    else if (now?.what.kind === "refused" && now.what.reason === "not_open_yet") this.history[at] = item;
    return true;
  }

  private forget(input: LogInput): void {
    const read = readEntry(input, this.rules);
    if (read.ok) this.seen.delete(read.entry.content.id);
  }

  private refuse(input: LogInput, entryId: LogEntryId | undefined, reason: EntryRefusal): void {
    this.history.push({
      ...where(input, entryId),
      what: { kind: "refused", type: input.type.slice(0, 100), reason },
    });
  }

  private flag(item: Incompleteness): void {
    if (this.incomplete.length < MAX_INCOMPLETE) this.incomplete.push(item);
  }

  private remember(eventId: EventId, input: LogInput | undefined): void {
    const exact = this.leftOut.size === 0;
    const after = this.folded && { folded: this.folded, chain: this.chain, exact, rules: this.needs };
    this.tail.push({ eventId, input, after });
    if (this.tail.length > (this.folded ? MAX_TAIL : MAX_HELD)) this.tail.shift();
  }
}

function counterKey(input: LogInput, envelope: AnyEnvelope): string {
  return `${input.sender}|${envelope.device}`;
}

function where(input: LogInput, entryId: LogEntryId | undefined): Omit<HistoryItem, "what"> {
  return { eventId: input.eventId, entryId, sender: input.sender, serverTs: input.serverTs };
}
