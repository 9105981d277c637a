import {
  KeyAnswer,
  KeyAsk,
  KeyGrant,
  MOST_PART_BYTES,
  MOST_WAITING_ASKS,
  readPart,
  refuseAnswer,
  refuseGrant,
  type AccessRequestId,
  type GrantRefusal,
  type KeyGrantContent,
  type KeyReceiptContent,
  type RoomId,
  type SenderFacts,
  type UserId,
} from "@hearth/protocol";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import { kindOfFailure } from "../../work/failure.ts";
import { background } from "../../workspace/background.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import { openFile } from "./file.ts";
import { importPart } from "./importing.ts";
import type { Received } from "./post.ts";
import type { SharedKeyNote, SharedKeys } from "./sharedKeys.ts";
import type { AccessStore, OwnAsk } from "./store.ts";
import { Jobs, laterAfter, type StepEnd } from "../../work/jobs.ts";
import { Turns } from "../../work/turns.ts";

export type ReceivingDeps = {
  readonly session: SignedInSession;
  readonly store: AccessStore;
  readonly shared: SharedKeys;
  readonly authority: RosterAuthority;
  readonly now: () => number;
  readonly isIn: (roomId: RoomId) => boolean;
  readonly note: (key: RoomKeyRef, at: number) => number;
  readonly pause: (atLeastMs?: number) => Promise<void>;
  /** These keys are here now, or are no longer to be used. */
  readonly onKeys: (keys: readonly RoomKeyRef[], over: boolean) => void;
  readonly tell: (
    to: { readonly userId: UserId; readonly deviceId: string },
    receipt: KeyReceiptContent,
  ) => Promise<void>;
  readonly onRefused: (sender: string, why: GrantRefusal) => void;
};

/** Asks that other devices of this person told of, and that wait: more are not kept. */
const MOST_TOLD = 20;
const MOST_TRIES = 5;
/** Where there is no room, room may be made: tried again after this, after twice as long, and so on. */
const FULL_AGAIN_MS = 2000;
const FULL_LONGEST_MS = 120_000;
const FULL = "This device has no room for the keys. Make room on it: then they come by themselves.";

/** The receiving side of a grant: looks at what came, fetches, imports in the background, and lets go at the end. [P6] */
export class Receiving {
  readonly #deps: ReceivingDeps;
  /** A lane for each grant that is coming in. */
  readonly #jobs: Jobs<OwnAsk>;
  readonly #turns = new Turns();
  /** What this run of the program took of each, and how often in a row it failed. */
  readonly #underWay = new Map<AccessRequestId, { readonly keys: RoomKeyRef[]; tries: number }>();

  constructor(deps: ReceivingDeps) {
    this.#deps = deps;
    const { session, store, pause } = deps;
    this.#jobs = new Jobs({
      nextOf: (request) => {
        const own = store.own.get(request as AccessRequestId);
        return own?.state === "receiving" && own.grant ? own : undefined;
      },
      step: (own) => this.#step(own),
      pause,
      stopped: session.stopped,
      background: (run) => background(session, "receiving a grant", run),
    });
  }

  /** Goes on with what was interrupted. */
  resume(): void {
    for (const request of this.#deps.store.own.keys()) this.#jobs.poke(request);
  }

  /** Another device of this person has asked: what is given is for this one too. */
  async ownAsk({ content, info }: Received): Promise<void> {
    const { store, authority, session } = this.#deps;
    const ask = KeyAsk.schema.safeParse(content).data;
    if (!ask || info?.senderDevice !== ask.device || store.own.has(ask.request)) return;
    const waiting = [...store.own.values()].filter(({ state }) => state === "waiting");
    if (waiting.length >= MOST_WAITING_ASKS + MOST_TOLD) return;
    if (await authority.doubtDevice(session.userId, ask.device, info.senderCurve25519KeyBase64)) return;
    await store.forgetOver(this.#deps.now());
    await store.putOwn({ v: 1, ask, state: "waiting", sent: true, done: 0, taken: 0, refused: 0 });
  }

  /** @param again it may have been taken in before, and the word of that was lost */
  async grant(received: Received, again: boolean): Promise<void> {
    const { store, now, onRefused } = this.#deps;
    const sender = await this.#factsOf(received);
    const bytes = new TextEncoder().encode(JSON.stringify(received.content)).length;
    const grant = KeyGrant.schema.safeParse(received.content).data;
    const mine = grant && store.own.get(grant.request);
    if (again && mine?.grant && mine.byDevice === received.info?.senderDevice) return this.resume();
    const refusal = refuseGrant(sender, grant, bytes, mine, now());
    // Its giver may have been cut off and not know that it was sent: refused as any other, and what came of it said again.
    if (refusal === "already_answered" && mine && isRepeated(grant, mine, received))
      await this.#tellAgain(mine);
    if (refusal || !grant || !mine) return onRefused(received.info?.sender ?? "", refusal ?? "malformed");
    const by = received.info?.sender as UserId;
    const byDevice = received.info?.senderDevice ?? "";
    // Before anything else is done with it: the request is used up, whatever becomes of the files.
    await store.putOwn({ ...mine, state: "receiving", by, byDevice, grant, done: 0 });
    this.#jobs.poke(grant.request);
  }

  async answer(received: Received): Promise<void> {
    const { store, onRefused } = this.#deps;
    const refusal = refuseAnswer(await this.#factsOf(received));
    const answer = KeyAnswer.schema.safeParse(received.content).data;
    if (refusal || !answer) return onRefused(received.info?.sender ?? "", refusal ?? "malformed");
    const mine = store.own.get(answer.request);
    if (!mine) return onRefused(received.info?.sender ?? "", "not_asked");
    if (answer.answer === "declined" && mine.state === "waiting")
      await store.putOwn({ ...mine, state: "declined", by: received.info?.sender as UserId });
    // Also when the grant has not come yet: messages may come in another order than they were sent in.
    if (answer.answer === "revoked" && mine.state !== "ended") await this.#end(mine, received);
  }

  async #end(mine: OwnAsk, received: Received): Promise<void> {
    const { store, shared, session, onKeys } = this.#deps;
    const { keys, changes } = shared.end(mine.ask.request);
    await session.records.write(changes);
    await store.putOwn(
      withoutFiles({ ...mine, state: "ended", by: mine.by ?? (received.info?.sender as UserId) }),
    );
    onKeys(keys, true);
    await this.#tell(mine, "ended");
  }

  async #factsOf({ info }: Received): Promise<SenderFacts> {
    const doubt = await this.#deps.authority.doubtSender(info);
    return {
      encrypted: info !== null && doubt !== "not_encrypted",
      signed: doubt === undefined || doubt === "not_an_admin",
      admin: doubt !== "not_an_admin",
    };
  }

  async #step({ ask: { request } }: OwnAsk): Promise<StepEnd> {
    const underWay = this.#underWay.get(request) ?? { keys: [], tries: 0 };
    this.#underWay.set(request, underWay);
    try {
      // One file after the other, so that memory is bounded by one.
      await this.#turns.take(() => this.#takePart(request, underWay.keys));
      underWay.tries = 0;
      return { kind: "on" };
    } catch (error) {
      if (this.#deps.session.stopped.aborted) return { kind: "waits" };
      underWay.tries += 1;
      return await this.#failed(request, error, underWay.tries);
    } finally {
      if (this.#deps.store.own.get(request)?.state !== "receiving") this.#underWay.delete(request);
    }
  }

  /** The next file of a grant, or its end. */
  async #takePart(request: AccessRequestId, keys: RoomKeyRef[]): Promise<void> {
    const { store, session, now } = this.#deps;
    const mine = store.own.get(request);
    if (mine?.state !== "receiving" || !mine.grant) return;
    const { parts, until } = mine.grant;
    if (until <= now()) return this.#fail(mine, "The access ended before it had come in whole. Ask again.");
    const part = parts[mine.done];
    if (!part) return this.#finish(mine, keys);
    const bytes = await session.media.download(part.url, Math.min(part.bytes, MOST_PART_BYTES));
    const plain = bytes && (await openFile(bytes, part));
    if (!plain) return this.#fail(mine, "A file of it was damaged or exchanged on the way. Ask again.");
    const content = readPart(new TextDecoder().decode(plain), {
      request,
      part: mine.done,
      sessions: part.sessions,
    });
    if (!content) return this.#fail(mine, "A file of it is not what was announced. Ask again.");
    const { taken, refused } = await importPart(content.keys, mine, this.#importing(request));
    keys.push(...taken);
    const latest = store.own.get(request);
    if (latest?.state !== "receiving") return this.#letGo(request);
    const { problem: _over, ...going } = latest;
    await store.putOwn({
      ...going,
      done: mine.done + 1,
      taken: mine.taken + taken.length,
      refused: mine.refused + refused + content.malformed,
    });
  }

  async #failed(request: AccessRequestId, error: unknown, tries: number): Promise<StepEnd> {
    const { store, session } = this.#deps;
    const mine = store.own.get(request);
    if (mine?.state !== "receiving") {
      await this.#letGo(request);
      return { kind: "on" };
    }
    if (isFull(error)) {
      // What is on the disk says how far it came: nothing is lost, whatever can't be written now.
      store.show({ ...mine, problem: FULL });
      session.log("warn", "no room for the keys of a grant; it is tried again", error);
      return { kind: "later", atLeastMs: Math.min(FULL_AGAIN_MS * 2 ** (tries - 1), FULL_LONGEST_MS) };
    }
    const kind = kindOfFailure(error);
    if (kind === "refused" || (kind === "other" && tries >= MOST_TRIES)) {
      const problem =
        kind === "refused"
          ? "Its files are no longer on the server. Ask again."
          : "This device could not store the keys. Make room on it, then ask again.";
      await this.#fail(mine, problem);
      return { kind: "on" };
    }
    session.log("warn", "a file of a grant could not be taken in; it is tried again", error);
    return laterAfter(error);
  }

  async #tellAgain(mine: OwnAsk): Promise<void> {
    const { state } = mine;
    if (state === "given") await this.#tell(mine, "imported");
    if (state === "ended" || state === "failed") await this.#tell(mine, state);
  }

  /**
   * It was taken back, or ended, while keys of it came in: those that came after the end was written down are marked and
   * deleted as well.
   */
  async #letGo(request: AccessRequestId): Promise<void> {
    const { store, shared, session, onKeys } = this.#deps;
    const state = store.own.get(request)?.state;
    // Asked to go on once more with one that has come in whole, say.
    if (state !== undefined && state !== "ended" && state !== "failed") return;
    const { keys, changes } = shared.end(request);
    if (keys.length === 0) return;
    await session.records.write(changes);
    onKeys(keys, true);
  }

  async #finish(mine: OwnAsk, keys: readonly RoomKeyRef[]): Promise<void> {
    await this.#deps.store.putOwn(withoutFiles({ ...mine, ...nothingCame(mine), state: "given" }));
    this.#deps.onKeys(keys, false);
    await this.#tell(mine, "imported");
  }

  async #fail(mine: OwnAsk, problem: string): Promise<void> {
    const { keys, changes } = this.#deps.shared.end(mine.ask.request);
    await this.#deps.session.records.write(changes);
    await this.#deps.store.putOwn(withoutFiles({ ...mine, state: "failed", problem }));
    this.#deps.onKeys(keys, true);
    await this.#tell(mine, "failed");
  }

  async #tell(mine: OwnAsk, state: KeyReceiptContent["state"]): Promise<void> {
    if (!mine.by || !mine.byDevice) return;
    const { ask, taken, refused } = this.#deps.store.own.get(mine.ask.request) ?? mine;
    await this.#deps.tell(
      { userId: mine.by, deviceId: mine.byDevice },
      { v: 1, request: ask.request, state, taken, refused },
    );
  }

  #importing(request: AccessRequestId) {
    const { session, isIn, note, shared, store } = this.#deps;
    return {
      client: session.client,
      isIn,
      note,
      stopped: session.stopped,
      goesOn: () => store.own.get(request)?.state === "receiving",
      isMarked: (key: RoomKeyRef) => {
        const known = shared.noteOf(key);
        return known?.request === request && known.ended === undefined;
      },
      mark: (keys: readonly (RoomKeyRef & { readonly note: SharedKeyNote })[]) =>
        session.records.write(shared.add(keys)),
    };
  }
}

/** Whether this is the grant that was taken already, from the same device. */
function isRepeated(
  grant: KeyGrantContent,
  { grant: taken, byDevice, by }: OwnAsk,
  { info }: Received,
): boolean {
  return (
    taken !== undefined &&
    by === info?.sender &&
    byDevice === info?.senderDevice &&
    taken.from === grant.from &&
    taken.to === grant.to &&
    taken.until === grant.until
  );
}

/** Whether the disk, or what the browser lets us have of it, is full. The crypto machine says so only in words. */
function isFull(error: unknown): boolean {
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  return /quota/i.test(`${name} ${message}`);
}

/** A yes that brings nothing leaves somebody with messages that still can't be read: why, and what to do. */
function nothingCame({ grant, taken, refused }: OwnAsk): Pick<OwnAsk, "problem"> {
  if (grant?.parts.length === 0)
    return {
      problem:
        "But their device had none of these keys. Ask again, so that another admin’s device can look for them.",
    };
  if (taken === 0 && refused > 0)
    return {
      problem: "But none of the keys that came could be used. Ask again; if it stays so, tell an admin.",
    };
  return {};
}

/** The keys of files are of no use any more, and would open what somebody may have kept of them. */
function withoutFiles(own: OwnAsk): OwnAsk {
  return own.grant ? { ...own, grant: { ...own.grant, parts: [] } } : own;
}
