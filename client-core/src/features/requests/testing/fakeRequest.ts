import {
  decideRequest,
  EventId,
  foldRequest,
  initialRequest,
  isPastWindow,
  KEY_BLOCK_FIELD,
  keyBlock,
  LogEntryId,
  MessageContent,
  PERMISSIONS,
  RoomId,
  UserId,
  type DeviceId,
  type KeyTimes,
  type LogInput,
  type RequestCommand,
  type RequestState,
} from "@hearth/protocol";
import type { Opened } from "../../../rooms/decryptor.ts";
import type { RawEvent } from "../../../rooms/rawEvent.ts";
import { Room, type RoomDeps } from "../../../rooms/room.ts";
import { requestProjection } from "../projection.ts";

export const ME = UserId.parse("@example-me:hearth.localhost");
export const WRITER = UserId.parse("@example-writer:hearth.localhost");
export const ROOM = RoomId.parse("!request");
const ALL = new Set(PERMISSIONS);

/** Stands in for a homeserver's request room, for the decryptor into its ciphertext, and for the one who writes in it. */
export class FakeRequest {
  readonly events: RawEvent[] = [];
  readonly inside = new Map<EventId, Opened>();
  readonly unreadable = new Set<EventId>();
  refusePages = false;
  /** How time is cut for keys; undefined for a device that keeps all. */
  times: KeyTimes | undefined;
  now: number;
  /** All that was written, as somebody folds it who can read all. */
  readonly inputs: LogInput[] = [];
  #seq = 0;
  #minted = 0;

  constructor(now = 1000) {
    this.now = now;
    this.#push("m.room.create", { type: "org.hearth.request", "org.hearth.org_id": "example" }, "");
    this.#push("m.room.member", { membership: "join" }, ME);
  }

  get state(): RequestState {
    return this.stateBefore(0);
  }

  /** The same without the last so many entries: what a writer knows who lags behind. */
  stateBefore(lag: number): RequestState {
    return foldRequest(initialRequest(), this.inputs.slice(0, this.inputs.length - lag));
  }

  write(command: RequestCommand): EventId {
    return this.#write(command, this.state, "DEVICE", ++this.#seq);
  }

  /** By another device, which has not heard of the last `lag` entries. */
  summarise(lag: number): EventId {
    const state = this.stateBefore(Math.min(lag, this.inputs.length - 1));
    return this.#write({ kind: "snapshot" }, state, `OTHER${this.#minted}`, 1);
  }

  say(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const eventId = this.#push("m.room.encrypted", this.#sealed());
      const content = MessageContent.parse({ msgtype: "m.text", body: eventId });
      this.inside.set(eventId, { kind: "message", content });
    }
  }

  isPast(at: number): boolean {
    return this.times !== undefined && isPastWindow(at, this.times, this.now);
  }

  readonly isPastEvent = (event: RawEvent): boolean =>
    event.content["session_id"] !== undefined && this.isPast(Number(event.content["session_id"]));

  /** As the pruner does. */
  async prune(room: Room): Promise<void> {
    const isPast = (at: number) => this.isPast(at);
    if (this.times && room.holdsPast(this.isPastEvent, isPast)) await room.forget(this.isPastEvent, isPast);
  }

  #write(command: RequestCommand, state: RequestState, device: string, seq: number): EventId {
    const decision = decideRequest(state, command, { userId: WRITER, permissions: ALL }, this.now);
    const [entry] = decision.ok ? decision.entries : [];
    if (!entry) throw new Error(decision.ok ? "nothing to write" : decision.message);
    const wire = this.#sealed();
    const eventId = this.#push("m.room.encrypted", wire);
    const content = {
      ...entry.payload,
      v: 1,
      id: LogEntryId.parse(String(++this.#minted).padStart(22, "A")),
      device,
      seq,
      at: this.now,
      heads: state.folded?.heads ?? [],
      [KEY_BLOCK_FIELD]: wire.session_id,
    };
    this.inside.set(eventId, { kind: "entry", type: entry.type, content });
    this.inputs.push({
      eventId,
      sender: WRITER,
      senderDevice: device as DeviceId,
      serverTs: this.now,
      type: entry.type,
      content,
      senderPermissions: ALL,
    });
    return eventId;
  }

  /** One session for each block. */
  #sealed() {
    return { session_id: this.times ? keyBlock(this.now, this.times) : 0 };
  }

  #push(type: string, content: Record<string, unknown>, stateKey?: string): EventId {
    const event_id = EventId.parse(`$e${this.events.length}`);
    const state = stateKey === undefined ? {} : { state_key: stateKey };
    const origin_server_ts = this.times ? this.now : this.now + this.events.length;
    this.events.push({ event_id, type, sender: WRITER, origin_server_ts, content, ...state });
    return event_id;
  }

  /** The newest `limit` of what came after `since`, as sliding sync gives it. */
  update(since: number, limit: number) {
    const from = Math.max(since, this.events.length - limit);
    const state = since === 0 ? this.events.filter((event) => event.state_key !== undefined) : [];
    return {
      roomId: ROOM,
      state,
      timeline: this.events.slice(from),
      mayHaveGap: from > since || since === 0,
      prevBatch: String(from),
      inviteState: undefined,
    };
  }

  readonly deps = {
    me: ME,
    decryptor: {
      open: (_: RoomId, raw: RawEvent): Promise<Opened> =>
        Promise.resolve(
          this.isPastEvent(raw) ? { kind: "forgotten", passedOn: false } : this.#insideOf(raw.event_id),
        ),
      openOnceMore: (_: RoomId, raw: RawEvent): Promise<Opened> =>
        Promise.resolve(this.#insideOf(raw.event_id)),
      forget: () => undefined,
    } as unknown as RoomDeps["decryptor"],
    fetchPage: (_: RoomId, token: string) => {
      if (this.refusePages) return Promise.reject(new Error("no"));
      const to = Number(token);
      const from = Math.max(0, to - 25);
      const events = this.events.slice(from, to).toReversed();
      return Promise.resolve({ events, end: from > 0 ? String(from) : undefined });
    },
    fetchTokenBefore: (_: RoomId, eventId: EventId) =>
      Promise.resolve(String(this.events.findIndex((event) => event.event_id === eventId))),
    projections: [requestProjection],
    permissionsAt: () => ALL,
    isPast: (at: number) => this.isPast(at),
  } satisfies RoomDeps;

  room(): Room {
    return new Room(ROOM, this.deps);
  }

  /** The room as a start finds it, after its record was copied to another store. */
  restarted(room: Room): Room {
    const stored = JSON.parse(JSON.stringify(room.store())) as ReturnType<Room["store"]>;
    return Room.restore(ROOM, stored, this.deps);
  }

  #insideOf(eventId: EventId): Opened {
    return this.unreadable.has(eventId)
      ? { kind: "unreadable", reason: "no key", advice: "ask" }
      : (this.inside.get(eventId) ?? { kind: "refused", reason: "unknown" });
  }
}
