import {
  AccessRequestId,
  Instant,
  keyBlock,
  KeyAsk,
  keyTimes,
  windowToAsk,
  type AccessCode,
  type KeyAskContent,
  type RoomId,
  type Span,
  type UserId,
} from "@hearth/protocol";
import { HttpFailure, type SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import type { PolicyNow } from "../../org/policy.ts";
import type { CheckedDevice } from "../../sdk/toDevice.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import type { OlmPost } from "./post.ts";
import type { AccessStore, OwnAsk } from "./store.ts";
import { kindOfFailure } from "../../work/failure.ts";
import { Jobs, laterAfter, type StepEnd } from "../../work/jobs.ts";

export type AskingDeps = {
  readonly session: SignedInSession;
  readonly store: AccessStore;
  readonly post: OlmPost;
  readonly bot: BotCommands;
  readonly authority: RosterAuthority;
  readonly policy: PolicyNow;
  readonly now: () => number;
  /** The roster's admins. */
  readonly admins: () => readonly UserId[];
  readonly pause: (atLeastMs?: number) => Promise<void>;
  /** Where the keys of a span begin; see `beginOfKeys`. */
  readonly beginOfKeys: (span: Span, rooms: readonly RoomId[] | undefined) => number;
};

export type Wish = {
  readonly kind: "window" | "span";
  readonly code: AccessCode;
  readonly from?: number;
  readonly to?: number;
  readonly rooms?: readonly RoomId[];
  readonly reason?: string;
};

const MOST_WAITING = 5;
const MOST_LOOKS = 8;
const LOOK_AGAIN_MS = 1500;

/** Asks the admins for access: the bot logs that, their devices learn what and why. [P6] */
export class Asking {
  readonly #deps: AskingDeps;
  /** A lane for each ask that is written down and not sent. */
  readonly #jobs: Jobs<OwnAsk>;

  constructor(deps: AskingDeps) {
    this.#deps = deps;
    const { session, store, pause } = deps;
    this.#jobs = new Jobs({
      nextOf: (request) => {
        const own = store.own.get(request as AccessRequestId);
        return own?.state === "waiting" && !own.sent ? own : undefined;
      },
      step: (own) => this.#step(own),
      pause,
      stopped: session.stopped,
      background: (run) => background(session, "asking for access", run),
    });
  }

  /** Sends what was written down and not sent. */
  resume(): void {
    for (const request of this.#deps.store.own.keys()) this.#jobs.poke(request);
  }

  /** @throws Refusal with what to do */
  async ask(wish: Wish): Promise<{ request: AccessRequestId }> {
    const { store, session, now, policy, beginOfKeys } = this.#deps;
    const times = keyTimes(policy());
    const waiting = [...store.own.values()].filter(({ state }) => state === "waiting");
    if (waiting.length >= MOST_WAITING)
      throw new Refusal(
        "conflict",
        "You have asked and nobody has answered yet. Wait, or speak with an admin.",
      );
    const window = windowToAsk(times, now());
    const named = Math.max(0, keyBlock(wish.from ?? Number.NaN, times));
    const to = wish.kind === "window" ? window.to : Math.min(wish.to ?? Number.NaN, now());
    const from = wish.kind === "window" ? window.from : beginOfKeys({ from: named, to }, wish.rooms);
    if (!(from <= to)) throw new Refusal("invalid", "Say from when until when: a time that has passed.");
    const reason = wish.reason?.trim();
    const ask = KeyAsk.schema.safeParse({
      v: 1,
      request: AccessRequestId.parse(session.randomId()),
      device: session.deviceId,
      kind: wish.kind,
      code: wish.code,
      from: Instant.parse(from),
      to: Instant.parse(to),
      at: Instant.parse(now()),
      ...(wish.rooms ? { rooms: [...wish.rooms] } : {}),
      ...(reason ? { reason } : {}),
    });
    if (!ask.success) throw new Refusal("invalid", "The reason is too long: at most 1,000 characters.");
    await store.forgetOver(now());
    const own: OwnAsk = { v: 1, ask: ask.data, state: "waiting", sent: false, done: 0, taken: 0, refused: 0 };
    await store.putOwn(own);
    try {
      await this.#send(own);
    } catch (error) {
      if (error instanceof Refusal) {
        await store.dropOwn(ask.data.request);
        throw error;
      }
      this.#jobs.poke(ask.data.request);
    }
    return { request: ask.data.request };
  }

  async withdraw(request: AccessRequestId): Promise<void> {
    const { store, bot } = this.#deps;
    const own = store.own.get(request);
    if (!own || own.state === "receiving" || own.state === "given") return;
    // First here: what is given from now on is not asked for any more.
    await store.dropOwn(request);
    try {
      await bot.ask("access withdraw", { request });
    } catch (error) {
      // Answered, or not in the log (any more): then there is nothing to take back.
      const isOver = error instanceof Refusal && (error.code === "conflict" || error.code === "not_found");
      if (own.state === "waiting" || !isOver) throw error;
    }
  }

  async #send(own: OwnAsk): Promise<void> {
    const { store, post, bot, session } = this.#deps;
    const { ask } = own;
    const devices = await this.#recipients();
    const { at: _at, reason: _reason, rooms, v: _v, ...logged } = ask;
    if (!devices.some(({ userId }) => userId !== session.userId))
      throw new Refusal("not_found", "No admin has a device that could answer. Speak with an admin.");
    await bot
      .ask("access ask", { ...logged, ...(rooms ? { rooms: rooms.length } : {}) })
      .catch((error: unknown) => {
        // It is written into the log when the bot is back, and answered after that.
        if (!(error instanceof Refusal) || error.code !== "no_answer") throw error;
      });
    const sent = await post.send(KeyAsk.type, devices, ask satisfies KeyAskContent, ({ userId }) =>
      this.#mayKnow(userId),
    );
    if (!sent.some(({ userId }) => userId !== session.userId))
      throw new HttpFailure(0, "", "No admin's device is still the one that it was.");
    const latest = store.own.get(ask.request);
    if (latest) await store.putOwn({ ...latest, sent: true });
  }

  /** The admins' devices; and the asker's others, because what is given is for all of them. */
  async #recipients(): Promise<CheckedDevice[]> {
    const { post, admins, session, pause } = this.#deps;
    for (let tries = 1; ; tries += 1) {
      const people: UserId[] = [];
      for (const userId of new Set([...admins(), session.userId]))
        if (await this.#mayKnow(userId)) people.push(userId);
      const devices = await post.signedDevicesOf(people);
      // On a device that was just set up, the roster and the devices of admins may still be on their way.
      if (tries === MOST_LOOKS || devices.some(({ userId }) => userId !== session.userId)) return devices;
      await pause(LOOK_AGAIN_MS);
      session.stopped.throwIfAborted();
    }
  }

  /** What is asked, and why, is for the admins whose keys the roster has, and for oneself by one's own. */
  async #mayKnow(userId: UserId): Promise<boolean> {
    const { authority, session } = this.#deps;
    if (userId === session.userId) return (await authority.roleOf(userId)) !== undefined;
    return (await authority.doubtAdmin(userId)) === undefined;
  }

  async #step(own: OwnAsk): Promise<StepEnd> {
    try {
      await this.#send(own);
      return { kind: "on" };
    } catch (error) {
      if (this.#deps.session.stopped.aborted) return { kind: "waits" };
      if (kindOfFailure(error) === "other") throw error;
      return laterAfter(error);
    }
  }
}
