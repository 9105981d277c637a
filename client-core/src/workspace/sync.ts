import { RoomId } from "@hearth/protocol";
import type { MatrixClient } from "../sdk/names.ts";
import {
  ExtensionState,
  SlidingSync,
  SlidingSyncEvent,
  SlidingSyncState,
  type MSC3575RoomData,
  type MSC3575SlidingSyncRequest,
  type MSC3575SlidingSyncResponse,
} from "../sdk/names.ts";
import { isSyncAnswer } from "../session/lease.ts";
import type { Clock } from "../work/clock.ts";
import { askedToWaitMs, kindOfFailure } from "../work/failure.ts";
import { within } from "../work/runningTime.ts";
import { Spacing } from "../work/spacing.ts";
import { ConnectionWatch } from "./connection.ts";
import { readRawEvents, type RawEvent } from "../rooms/rawEvent.ts";
import { stopClientButCrypto } from "../sdk/machine.ts";
import { askForNoPushRules } from "../sdk/client.ts";

/** What one sync response says about one room. */
export type RoomUpdate = {
  readonly roomId: RoomId;
  /** The room as a whole, or what changed since the last response. */
  readonly state: readonly RawEvent[];
  readonly timeline: readonly RawEvent[];
  /** Events may be missing between what is known and `timeline`: ask for them from `prevBatch`. */
  readonly mayHaveGap: boolean;
  readonly prevBatch: string | undefined;
  /** Set when this is an invite: stripped state, not to be believed beyond "somebody invites me to something". */
  readonly inviteState: readonly unknown[] | undefined;
};

const LIST = "all";
const TIMELINE_LIMIT = 20;
const LONG_POLL_MS = 25_000;
/**
 * What happens within so long comes with one answer. Opening a request is a dozen events, each of which would wake
 * everybody in the room: the server, the phone's radio and the screen then work a dozen times for one thing.
 */
const GATHER_MS = 150;
/** The list grows in steps, so that the newest rooms are there at once. */
const FIRST_RANGES = [19, 199];
const MARGIN = 200;
/** How long a stop waits for the answer that is being taken in. */
const LAST_ANSWER_MS = 3000;

/**
 * Simplified sliding sync through the SDK's loop. Two things are done in its place. Its requests go through `#poll`,
 * because the loop says nothing about a server that can't be reached and then sleeps for five seconds. And timelines
 * are taken away before the SDK's room objects see them: it would decrypt them a second time, keep them in memory
 * without bound, and (measured) put events on both sides of a gap into one timeline. It keeps what encryption needs:
 * the rooms' state.
 */
export class Sync {
  readonly connection: ConnectionWatch;
  readonly #clock: Clock;
  readonly #client: MatrixClient;
  readonly #sliding: SlidingSync;
  readonly #spacing: Spacing;
  readonly #onAnswer: () => void;
  readonly #stopped = new AbortController();
  #batch: RoomUpdate[] = [];
  /** Resolves when the SDK has taken in the answer that it has; undefined while it has none. */
  #taking: PromiseWithResolvers<void> | undefined;
  #grown = 0;
  #top = FIRST_RANGES[0] ?? 0;

  /**
   * @param onAnswer called when an answer came whole, before anything is done with it
   * @param onResponse called after the SDK has taken in each response; `complete` once every room has been seen
   */
  constructor(
    client: MatrixClient,
    baseUrl: string,
    clock: Clock,
    onAnswer: () => void,
    onResponse: (rooms: readonly RoomUpdate[], complete: boolean) => void,
  ) {
    this.#client = client;
    this.#clock = clock;
    this.#spacing = new Spacing(clock, GATHER_MS);
    this.connection = new ConnectionWatch(clock);
    this.#onAnswer = onAnswer;
    const room = { timeline_limit: TIMELINE_LIMIT, required_state: [["*", "*"]] };
    const poller = {
      slidingSync: (...args: Parameters<MatrixClient["slidingSync"]>) => this.#poll(...args),
    } as MatrixClient;
    const list = { ...room, ranges: [[0, this.#top]] };
    this.#sliding = new SlidingSync(baseUrl, new Map([[LIST, list]]), room, poller, LONG_POLL_MS);
    this.#sliding.registerExtension({
      name: () => "org.hearth.none",
      when: () => ExtensionState.PostProcess,
      // Left out of the request.
      onRequest: () => Promise.resolve(undefined as never),
      onResponse: () => Promise.resolve(),
      // The last thing that the SDK's loop does with an answer, also after it was stopped.
      onResponseComplete: () => Promise.resolve(this.#taking?.resolve()),
    });
    this.#sliding.on(SlidingSyncEvent.RoomData, (roomId, data) => this.#take(roomId, data));
    this.#sliding.on(SlidingSyncEvent.Lifecycle, (state, response) => {
      if (state !== SlidingSyncState.Complete || !response) return;
      const rooms = this.#batch;
      this.#batch = [];
      onResponse(rooms, this.#grow(response.lists[LIST]?.count ?? 0));
    });
  }

  async start(): Promise<void> {
    askForNoPushRules(this.#client);
    await this.#client.startClient({ slidingSync: this.#sliding, lazyLoadMembers: false });
  }

  /**
   * @returns when the answer that is being taken in is taken in: a message between devices that the crypto machine has
   *   decrypted and that nobody hears of is lost, because it can't be decrypted again. Waits a moment, not for ever.
   */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#sliding.stop();
    this.connection.dispose();
    if (this.#taking) await within(this.#clock, LAST_ANSWER_MS, this.#taking.promise).catch(() => undefined);
    stopClientButCrypto(this.#client);
  }

  #take(id: string, data: MSC3575RoomData): void {
    const roomId = RoomId.safeParse(id);
    if (!roomId.success) return;
    this.#batch.push({
      roomId: roomId.data,
      state: readRawEvents(data.required_state),
      timeline: readRawEvents(data.timeline),
      mayHaveGap: data.limited === true || data.initial === true,
      prevBatch: data.prev_batch,
      inviteState: data.invite_state,
    });
    data.timeline = [];
  }

  /** @returns whether the last response covered every room */
  #grow(count: number): boolean {
    const covered = this.#top >= count - 1;
    const next = FIRST_RANGES[this.#grown + 1];
    const wanted = covered ? this.#top : Math.max(next ?? 0, next === undefined ? count + MARGIN : 0);
    this.#grown += 1;
    // Room for those to come: a room beyond the range would be silent.
    const top = covered && this.#top < count + MARGIN / 2 ? count + MARGIN : wanted;
    if (top !== this.#top) {
      this.#top = top;
      this.#sliding.setListRanges(LIST, [[0, top]]);
    }
    return covered;
  }

  async #poll(
    request: MSC3575SlidingSyncRequest,
    baseUrl?: string,
    signal: AbortSignal = this.#stopped.signal,
  ): Promise<MSC3575SlidingSyncResponse> {
    this.#taking?.resolve();
    this.#taking = undefined;
    const aborted = AbortSignal.any([signal, this.#stopped.signal]);
    await this.#spacing.next(aborted);
    if (aborted.aborted) throw new DOMException("stopped or asked again", "AbortError");
    for (let failures = 0; ; failures += 1) {
      try {
        // After a failure the first answer should come at once, to say that the server is back.
        const timing = failures === 0 ? {} : { timeout: 0, clientTimeout: 10_000 };
        const response = await this.#client.slidingSync({ ...request, ...timing }, baseUrl, aborted);
        // Somebody on the way can say anything with a 200; to take it in would be to start over.
        if (!isSyncAnswer(response)) throw new Error("the answer is not one to a sync");
        this.connection.answered();
        // Not handed on after a stop: the server keeps for the next start what nobody has taken in.
        this.#stopped.signal.throwIfAborted();
        this.#onAnswer();
        this.#taking = Promise.withResolvers<void>();
        return response;
      } catch (error) {
        if (aborted.aborted) throw new DOMException("stopped or asked again", "AbortError");
        // Whatever else goes wrong, the loop goes on: nobody would begin it again.
        if (kindOfFailure(error) === "refused") throw error;
        this.connection.failed();
        await this.connection.pause(aborted, askedToWaitMs(error));
        if (aborted.aborted) throw new DOMException("stopped or asked again", "AbortError");
      }
    }
  }
}
