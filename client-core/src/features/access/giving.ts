import {
  Instant,
  KeyAnswer,
  KeyGrant,
  keyTimes,
  LONGEST_GRANT_MS,
  mayAnswerAlone,
  memberStateKey,
  MOST_PARTS,
  spanToGive,
  windowGrantEnd,
  writePart,
  type AccessRequestId,
  type GrantPart,
  type KeyGrantContent,
  type RoomId,
  type UserId,
} from "@hearth/protocol";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { askedToWaitMs, kindOfFailure } from "../../work/failure.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import type { Org } from "../../org/org.ts";
import type { PolicyNow } from "../../org/policy.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import type { AnswersAlone } from "./alone.ts";
import { sealFile } from "./file.ts";
import { gather } from "./gather.ts";
import { exportKeys, keyName } from "../../sdk/megolm.ts";
import type { OlmPost } from "./post.ts";
import type { AccessStore, Gathered, TheirAsk } from "./store.ts";
import { Jobs, laterAfter, type StepEnd } from "../../work/jobs.ts";
import { Turns } from "../../work/turns.ts";

export type GivingDeps = {
  readonly session: SignedInSession;
  readonly store: AccessStore;
  readonly post: OlmPost;
  readonly bot: BotCommands;
  readonly authority: RosterAuthority;
  readonly org: () => Org | undefined;
  readonly policy: PolicyNow;
  readonly now: () => number;
  /** What this device's admin lets it do by itself. */
  readonly alone: Pick<AnswersAlone, "window" | "narrow">;
  /** The requests' rooms that this person and the other are both in. */
  readonly sharedRooms: (userId: UserId) => readonly RoomId[];
  readonly note: (key: RoomKeyRef, ...at: readonly (number | undefined)[]) => number;
  readonly pause: (atLeastMs?: number) => Promise<void>;
  /** Somebody has got keys that say nothing of who wrote: what the requests say is to be told anew. */
  readonly onGiven: (userId: UserId) => void;
};

/** After what is answered without a person broke off: tried again after this, after twice as long, and so on. */
const FAILED_AGAIN_MS = 60_000;
const FAILED_LONGEST_MS = 6 * 3_600_000;
/** About 400 bytes a key: a file stays below what the homeserver takes. */
const KEYS_A_FILE = 1500;
const DAY_MS = 86_400_000;
const TRY_AGAIN_MS = 1000;
const NOBODY =
  "None of their devices could be given anything: a device or an identity of theirs has just changed. Speak with them, then try again.";
/** Between two tries of what waits for the bot. */
const BOT_AWAY_MS = 60_000;

/** What an admin's client does about asks that it has heard: answers, gives, takes back, and cleans up. [P6] */
export class Giving {
  readonly #deps: GivingDeps;
  /** A lane for each ask that is being given. */
  readonly #jobs: Jobs<TheirAsk>;
  readonly #turns = new Turns();
  readonly #cleaning = new Set<AccessRequestId>();
  readonly #answering = new Set<AccessRequestId>();

  constructor(deps: GivingDeps) {
    this.#deps = deps;
    const { session, store, pause } = deps;
    this.#jobs = new Jobs({
      nextOf: (request) => {
        const their = store.their.get(request as AccessRequestId);
        return their?.state === "giving" ? their : undefined;
      },
      step: (their) => this.#step(their),
      pause,
      stopped: session.stopped,
      background: (run) => background(session, "giving access", run),
    });
  }

  /** Goes on with what was interrupted, and answers what may be answered alone. */
  resume(): void {
    this.#closeWithdrawn();
    for (const request of this.#deps.store.their.keys()) this.#jobs.poke(request);
    for (const their of this.#deps.store.their.values())
      if (their.state === "waiting") this.lookAlone(their.ask.request);
    this.cleanUp();
  }

  /** Asks that the asker has taken back, as the log says, are answered no more. */
  #closeWithdrawn(): void {
    const { org, store, session } = this.#deps;
    for (const their of store.their.values()) {
      const log = org()?.accessLog.get(memberStateKey(their.from))?.asks;
      const logged = log?.find(({ request }) => request === their.ask.request);
      if (their.state === "waiting" && logged?.state === "withdrawn")
        background(session, "closing an ask", store.putTheir({ ...their, state: "elsewhere" }));
    }
  }

  /**
   * A person says yes.
   * @param until the end; of a window's it is the window's own
   */
  async give(request: AccessRequestId, until: number | undefined): Promise<void> {
    const their = this.#waiting(request);
    await this.#startGiving(their, until, false);
  }

  async decline(request: AccessRequestId): Promise<void> {
    const { bot, store } = this.#deps;
    const their = this.#waiting(request);
    await bot.ask("access answer", { user: their.from, request, answer: "declined" });
    await store.putTheir({ ...their, state: "declined" });
    await this.#answer(their, "declined");
  }

  /** Whoever gave it: every admin may take it back. Works on devices that are online, or when they are next. */
  async revoke(user: UserId, request: AccessRequestId): Promise<void> {
    const { bot, store } = this.#deps;
    await bot.ask("access answer", { user, request, answer: "revoked" });
    const their = store.their.get(request);
    if (their) await store.putTheir({ ...their, state: "revoked" });
    const devices = await this.#deps.post.signedDevicesOf([user]);
    await this.#deps.post.send(KeyAnswer.type, devices, { v: 1, request, answer: "revoked" });
    this.cleanUp();
  }

  /** Deletes files that all devices have read, or whose access is over. */
  cleanUp(): void {
    const { store, bot, now, session } = this.#deps;
    for (const their of store.their.values()) {
      if (their.cleaned || their.parts.length === 0 || their.sentAt === undefined) continue;
      const read = Object.values(their.devices).every(({ state }) => state !== "sent");
      const over = their.state === "revoked" || (their.plan?.until ?? 0) <= now();
      if (!read && !over) continue;
      const media = their.parts.map(({ url }) => url);
      if (this.#cleaning.has(their.ask.request)) continue;
      this.#cleaning.add(their.ask.request);
      const clean = async () => {
        await bot.ask("access clean", { request: their.ask.request, media });
        const latest = store.their.get(their.ask.request) ?? their;
        await store.putTheir({ ...latest, parts: [], cleaned: true });
      };
      background(
        session,
        "deleting the files of a grant",
        clean().finally(() => this.#cleaning.delete(their.ask.request)),
      );
    }
  }

  #waiting(request: AccessRequestId): TheirAsk {
    const their = this.#deps.store.their.get(request);
    if (!their)
      throw new Refusal(
        "not_found",
        "This device has not got the request itself. Another admin can answer it, or they ask again.",
      );
    if (their.state !== "waiting") throw new Refusal("conflict", "It was answered already.");
    return their;
  }

  /** Answers what may be answered without a person. */
  lookAlone(request: AccessRequestId): void {
    const { session } = this.#deps;
    if (this.#answering.has(request)) return;
    this.#answering.add(request);
    const answered = this.#answerAlone(request).finally(() => this.#answering.delete(request));
    background(session, "answering a request for access", answered);
  }

  async #answerAlone(request: AccessRequestId): Promise<void> {
    const { store, authority, policy, now, alone } = this.#deps;
    const their = store.their.get(request);
    if (their?.state !== "waiting" || alone.window === undefined) return;
    if (their.failed && now() < their.failed.notBefore) return;
    const doubt = await authority.doubtDevice(their.from, their.ask.device);
    const recently = [...store.their.values()].filter(
      (each) => each.from === their.from && each.automatic && each.receivedAt > now() - DAY_MS,
    );
    const allowed = { policy: policy()?.automatic_access, device: alone.window !== undefined };
    const may = mayAnswerAlone(allowed, their.ask, {
      onRoster: (await authority.roleOf(their.from)) !== undefined,
      signed: doubt === undefined,
      answeredToday: recently.length,
    });
    if (!may || store.their.get(request)?.state !== "waiting") return;
    try {
      await this.#startGiving(their, undefined, true);
    } catch (error) {
      if (!this.#deps.session.stopped.aborted) await this.#giveUp(their, error);
    }
  }

  async #startGiving(their: TheirAsk, until: number | undefined, automatic: boolean): Promise<void> {
    const { policy, now, store, authority, session, alone } = this.#deps;
    if ((await authority.roleOf(session.userId)) !== "admin")
      throw new Refusal(
        "not_permitted",
        "Others’ devices don’t know you as an admin yet, so they would take nothing from you. Another admin has to confirm you on the Team page.",
      );
    // What no person looks at rests on what a person has seen, not on the policy alone: nobody signs that.
    const times = automatic ? alone.narrow(keyTimes(policy())) : keyTimes(policy());
    const span = spanToGive(their.ask, times, now());
    if (!span)
      throw new Refusal(
        "refused",
        "The time that was asked for is no longer within the key window. They can ask again.",
      );
    const end = their.ask.kind === "window" ? windowGrantEnd(span, times) : (until ?? 0);
    if (end <= now() || end > now() + LONGEST_GRANT_MS - DAY_MS)
      throw new Refusal("invalid", "Say when the access ends: in the future, and at most 31 days from now.");
    await store.putTheir({
      ...their,
      state: "giving",
      plan: { ...span, until: end, keys: 0 },
      ...(automatic ? { automatic: true as const } : {}),
    });
    this.#jobs.poke(their.ask.request);
  }

  /** Every part of it is written down before the next, so this may be cut off anywhere and done again. */
  async #step(their: TheirAsk): Promise<StepEnd> {
    try {
      // One after the other: each reads and encrypts much.
      await this.#turns.take(() => this.#giveOnce(their.ask.request));
      return { kind: "on" };
    } catch (error) {
      if (this.#deps.session.stopped.aborted) return { kind: "waits" };
      if (error instanceof Refusal && error.code === "no_answer")
        return { kind: "later", atLeastMs: BOT_AWAY_MS };
      if (kindOfFailure(error) === "passes") return laterAfter(error, TRY_AGAIN_MS);
      await this.#giveUp(their, error);
      return { kind: "on" };
    }
  }

  async #giveUp(their: TheirAsk, error: unknown): Promise<void> {
    const { store, session, bot, now } = this.#deps;
    const latest = store.their.get(their.ask.request);
    // With the role that was lost, say: nobody here is to give it.
    if (!latest) return;
    // Another admin was first, or answered otherwise.
    if (error instanceof Refusal && error.code === "conflict") {
      await store.putTheir({ ...latest, state: "elsewhere", parts: [] });
      return;
    }
    session.log("error", "access could not be given", error);
    const problem = error instanceof Refusal ? error.message : "It broke off. Try again.";
    const times = (latest.failed?.times ?? 0) + 1;
    const wait = Math.min(FAILED_AGAIN_MS * 2 ** (times - 1), FAILED_LONGEST_MS);
    const failed = { times, notBefore: now() + wait };
    const media = latest.parts.map(({ url }) => url);
    if (media.length > 0)
      background(session, "deleting files", bot.ask("access clean", { request: their.ask.request, media }));
    // Gathered anew next time: by then less may lie within the span.
    await store.dropGathered(their.ask.request);
    await store.putTheir({ ...latest, state: "waiting", parts: [], problem, failed });
  }

  async #giveOnce(request: AccessRequestId): Promise<void> {
    const { store, bot, post } = this.#deps;
    const before = store.their.get(request);
    if (before?.state !== "giving") return;
    const keys = (await store.gathered(request)) ?? (await this.#gather(before));
    let their = store.their.get(request) ?? before;
    const { plan } = their;
    if (!plan) throw new Error("a grant without a plan");
    // Logged before anything is given, and by one admin only.
    await bot.ask("access answer", {
      user: their.from,
      request,
      answer: "given",
      until: Instant.parse(plan.until),
      sessions: keys.length,
      ...(their.automatic ? { automatic: true as const } : {}),
    });
    for (let part = their.parts.length; part * KEYS_A_FILE < keys.length; part += 1) {
      const file = await this.#upload(
        request,
        part,
        keys.slice(part * KEYS_A_FILE, (part + 1) * KEYS_A_FILE),
      );
      const latest = store.their.get(request);
      if (latest?.state !== "giving") return;
      their = { ...latest, parts: [...their.parts, file] };
      await store.putTheir(their);
    }
    const devices = await post.signedDevicesOf([their.from]);
    const content: KeyGrantContent = KeyGrant.schema.parse({
      v: 1,
      request,
      from: plan.from,
      to: plan.to,
      until: plan.until,
      parts: their.parts,
    });
    if (store.their.get(request)?.state !== "giving") return;
    // Looked at last of all: the devices are those of an identity that may be another than when it was asked.
    if ((await this.#deps.authority.roleOf(their.from)) === undefined)
      throw new Refusal(
        "refused",
        "Their security identity is not the one that the team list has. Nothing was given. Speak with them.",
      );
    const sent = await post.send(
      KeyGrant.type,
      devices,
      content,
      async ({ userId }) => (await this.#deps.authority.roleOf(userId)) !== undefined,
    );
    if (sent.length === 0) throw new Refusal("refused", NOBODY);
    await store.putTheir({
      ...their,
      state: "given",
      sentAt: this.#deps.now(),
      devices: Object.fromEntries(
        sent.map(({ deviceId }) => [deviceId, { state: "sent" as const, taken: 0, refused: 0 }]),
      ),
    });
    await store.dropGathered(request);
    this.#deps.onGiven(their.from);
  }

  async #gather(their: TheirAsk): Promise<Gathered> {
    const { session, sharedRooms, note, store, pause } = this.#deps;
    const { plan, ask } = their;
    if (!plan) throw new Error("a grant without a plan");
    const asked = ask.rooms && new Set<RoomId>(ask.rooms);
    const keys = await gather({
      session,
      rooms: sharedRooms(their.from).filter((roomId) => asked?.has(roomId) ?? true),
      span: plan,
      note,
      pause: async (failure) => {
        if (kindOfFailure(failure) !== "passes") throw failure;
        await pause(askedToWaitMs(failure));
      },
    });
    if (keys.length > KEYS_A_FILE * MOST_PARTS)
      throw new Refusal(
        "too_large",
        "That is more than one grant can hold. Ask for a shorter time, or for single requests.",
      );
    await store.putGathered(ask.request, keys);
    await store.putTheir({ ...their, plan: { ...plan, keys: keys.length } });
    return keys;
  }

  async #upload(request: AccessRequestId, part: number, keys: Gathered): Promise<GrantPart> {
    const { session } = this.#deps;
    const wanted = new Map(keys.map((key): [string, number] => [keyName(key), key.at]));
    const exported = await exportKeys(session.client, wanted);
    const plain = new TextEncoder().encode(writePart(request, part, exported));
    const { ciphertext, ...sealed } = await sealFile(plain);
    plain.fill(0);
    const url = await session.media.upload(ciphertext);
    return { ...sealed, url, sessions: Math.max(1, exported.length) };
  }

  async #answer({ from, ask }: TheirAsk, answer: "declined" | "revoked"): Promise<void> {
    const { post } = this.#deps;
    await post.send(KeyAnswer.type, await post.signedDevicesOf([from]), {
      v: 1,
      request: ask.request,
      answer,
    });
  }
}
