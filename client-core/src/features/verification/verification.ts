import { fromBase64 } from "@hearth/protocol";
import type { VerificationRequest } from "../../sdk/names.ts";
import { CryptoEvent } from "../../sdk/names.ts";
import type { CommandArg, CommandName, CommandValue, VerificationView } from "../../contract/index.ts";
import { Refusal } from "../../session/failures.ts";
import type { LiveSession } from "../../session/live.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { askOwnDevices, askPerson, isSigned, isSignedByNow, type Asked } from "./ask.ts";
import { Flow } from "./flow.ts";
import type { Ended } from "./sentences.ts";
import type { Patience } from "./patience.ts";
import { waitForSignatures } from "./signatures.ts";
import { UnknownAskers } from "./unknownAskers.ts";
import { Later } from "../../work/retry.ts";

/** More people than this who ask at the same time are told "not now". */
const MOST_WAITING = 5;

type VerificationCommand = Extract<CommandName, `verification.${string}`>;
type Handlers = { [Name in VerificationCommand]: (arg: CommandArg<Name>) => Promise<CommandValue<Name>> };

type Options = {
  readonly live: LiveSession;
  readonly patience: Patience;
  /** Called before an ask to own devices, and after it ended: a device in set-up hears nothing otherwise. */
  readonly listen: (wanted: boolean) => Promise<void>;
  /** This device was compared with another of one's own. */
  readonly onOwnDone: () => void;
};

/**
 * Comparing keys with people and between own devices, one at a time. Every state has a way out: whatever the other side
 * does or does not do, the view ends in `done`, `cancelled` or `none`.
 *
 * What comes in is from anybody: only current members' signed devices, and own devices, are heard.
 */
export class Verification {
  readonly #live: LiveSession;
  readonly #options: Options;
  readonly #unknown: UnknownAskers;
  #flow: Flow | undefined;
  #other: VerificationView["other"];
  #asked: Asked | undefined;
  #waiting: VerificationRequest[] = [];
  /** Both asked at once and the other is to ask again: their ask is taken at once. */
  #expected: string | undefined;
  /** Changes when an ask that is on its way is not wanted any more. */
  #ticket = 0;
  #starting = false;
  /** What happens when a step of the other's takes too long. */
  readonly #late: Later;
  #step = "";
  #finished: Flow | undefined;
  /** Done, and its signatures are in place. */
  #settled: Flow | undefined;
  #published = "";
  readonly #received = (request: VerificationRequest) => {
    this.#incoming(request).catch((error: unknown) => this.#log("taking in an ask", error));
  };

  constructor(options: Options) {
    this.#live = options.live;
    this.#options = options;
    this.#late = new Later(options.live.clock);
    this.#live.client.on(CryptoEvent.VerificationRequestReceived, this.#received);
    this.#unknown = new UnknownAskers(
      this.#live,
      (userId) => userId === this.#live.userId || this.#isMember(userId),
    );
    this.#live.stopped.addEventListener("abort", () => this.dispose(), { once: true });
    this.#publish();
  }

  dispose(): void {
    this.#live.client.off(CryptoEvent.VerificationRequestReceived, this.#received);
    this.#unknown.dispose();
    this.#late.stop();
    this.#flow?.dispose();
    this.#flow = undefined;
  }

  /** Publishes anew: views are taken away when the phase of the session changes. */
  show(): void {
    this.#published = "";
    this.#publish();
  }

  readonly handlers: Handlers = {
    "verification.start": ({ userId }) => this.#start(userId),
    "verification.accept": () => this.#accept(),
    "verification.chooseEmoji": () => this.#current().chooseEmoji(),
    "verification.scan": ({ data }) => this.#current().scan(scanned(data)),
    "verification.confirm": () => this.#current().confirm(),
    "verification.mismatch": () => Promise.resolve(this.#current().mismatch()),
    "verification.cancel": () => this.#cancel(),
  };

  async #start(userId: string | undefined): Promise<void> {
    // Two asks to the same person would end each other.
    if (this.#starting) throw new Refusal("conflict", "One moment: an ask is on its way already.");
    this.#starting = true;
    try {
      await this.#startOne(userId);
    } finally {
      this.#starting = false;
    }
  }

  async #startOne(userId: string | undefined): Promise<void> {
    const { live } = this.#options;
    const self = userId === undefined || userId === live.userId;
    if (this.#flow?.open) {
      if (this.#isAskedBy(userId ?? live.userId)) return this.#accept();
      throw new Refusal("conflict", "Finish or cancel the comparison that is under way first.");
    }
    const waiting = this.#waiting.find((request) => request.otherUserId === userId && request.pending);
    if (waiting) {
      await this.#take(waiting);
      return this.#accept();
    }
    const other = self
      ? { userId: live.userId, name: OWN, self }
      : { userId, name: this.#nameOf(userId), self };
    if (!self) {
      if (!this.#isMember(other.userId))
        throw new Refusal("not_found", "They are not in the team (any more), so there is nothing to verify.");
      await this.#expectKeys();
    }
    await this.#ask(other);
  }

  async #ask(other: NonNullable<VerificationView["other"]>): Promise<void> {
    const { live } = this.#options;
    if (other.self) await this.#options.listen(true);
    const ticket = ++this.#ticket;
    const asked = other.self
      ? await askOwnDevices(live)
      : await askPerson(live, other.userId, other.name, () => this.#isAskedBy(other.userId));
    if (!asked) return this.#accept();
    if (ticket !== this.#ticket) {
      // Cancelled while the ask was on its way.
      await Promise.all([asked.request.cancel(), asked.stopRinging("m.user")]);
      return;
    }
    // Somebody else's ask came meanwhile: it waits for its turn.
    if (this.#flow?.open) this.#waiting = [...this.#waiting, this.#flow.request];
    this.#asked = asked;
    this.#open(asked.request, other);
  }

  #isAskedBy(userId: string): boolean {
    if (!this.#flow?.open) return false;
    const { otherUserId, initiatedByMe } = this.#flow.request;
    return !initiatedByMe && otherUserId === userId;
  }

  async #accept(): Promise<void> {
    const flow = this.#current();
    if (!flow.request.isSelfVerification) await this.#expectKeys();
    await flow.accept();
  }

  async #cancel(): Promise<void> {
    const flow = this.#flow;
    if (!flow) return;
    if (!flow.open && this.#expected === undefined) return this.#close();
    const ended = this.#end(flow, { kind: "mine" }, "m.user");
    // Who ends it need not read that they did.
    this.#close();
    await ended;
  }

  /** The other hears of it, if the server can be reached; here it has ended in any case. */
  async #end(flow: Flow, why: Ended, code: "m.user" | "m.timeout"): Promise<void> {
    const asked = flow === this.#flow ? this.#asked : undefined;
    this.#asked = undefined;
    try {
      await Promise.all([flow.end(why), asked?.stopRinging(code)]);
    } catch (error) {
      this.#log("telling the other that it ended", error);
    }
  }

  #close(): void {
    this.#ticket += 1;
    if (this.#other?.self) this.#stopListening();
    this.#flow?.dispose();
    this.#flow = undefined;
    this.#other = undefined;
    this.#asked = undefined;
    this.#expected = undefined;
    this.#publish();
    const next = this.#waiting.find((request) => request.pending);
    this.#waiting = this.#waiting.filter((request) => request !== next && request.pending);
    if (next) this.#take(next).catch((error: unknown) => this.#log("showing the next ask", error));
  }

  // -- from others -----------------------------------------------------------------------------------------------

  async #incoming(request: VerificationRequest): Promise<void> {
    if (!(await this.#mayAsk(request))) {
      if (request.pending) await request.cancel();
      return;
    }
    if (this.#expected === request.otherUserId && request.pending) {
      this.#expected = undefined;
      await this.#take(request);
      return this.#current().accept();
    }
    // Crossed with one's own: that flow sees it, and goes on from there.
    if (!request.pending) return;
    if (this.#flow && (this.#flow.open || this.#expected !== undefined)) {
      if (this.#waiting.length >= MOST_WAITING) return request.cancel();
      this.#waiting = [...this.#waiting, request];
      return;
    }
    await this.#take(request);
  }

  async #mayAsk(request: VerificationRequest): Promise<boolean> {
    const { otherUserId, otherDeviceId, roomId } = request;
    if (roomId !== undefined || otherDeviceId === undefined) return false;
    // A new device of one's own is not signed yet: that is what it asks for.
    if (otherUserId === this.#live.userId) return true;
    if (!this.#isMember(otherUserId)) return false;
    if (await isSigned(this.#live, otherUserId, otherDeviceId)) return true;
    // Signed just now, perhaps, and the news of it is still on its way.
    await this.#unknown.lookUp(otherUserId, otherDeviceId);
    return isSignedByNow(this.#live, otherUserId, otherDeviceId);
  }

  async #take(request: VerificationRequest): Promise<void> {
    this.#waiting = this.#waiting.filter((each) => each !== request);
    const { otherUserId: userId, otherDeviceId, isSelfVerification: self } = request;
    const deviceName = self && otherDeviceId ? await this.#deviceName(otherDeviceId) : undefined;
    const name = self ? OWN : this.#nameOf(userId);
    this.#asked = undefined;
    this.#open(request, { userId, name, self, ...(deviceName === undefined ? {} : { deviceName }) });
  }

  // -- the one that is open ----------------------------------------------------------------------------------------

  #open(request: VerificationRequest, other: NonNullable<VerificationView["other"]>): void {
    this.#flow?.dispose();
    this.#other = other;
    this.#step = "";
    const flow: Flow = new Flow(request, () => {
      if (this.#flow === flow) this.#changed(flow);
    });
    this.#flow = flow;
    this.#changed(flow);
  }

  #changed(flow: Flow): void {
    const { kind } = flow.phase(OWN);
    if (kind === "cancelled" && flow.crossed) return this.#crossed(flow);
    this.#watch(flow, kind);
    if (kind === "choose" && this.#asked) {
      const { stopRinging } = this.#asked;
      this.#asked = undefined;
      stopRinging("m.accepted", flow.request.otherDeviceId).catch((error: unknown) =>
        this.#log("telling the other devices", error),
      );
    }
    if (kind === "cancelled" && flow.reached === "asked") return this.#close();
    if (kind === "done" && this.#finished !== flow) {
      this.#finished = flow;
      this.#finish(flow).catch((error: unknown) => this.#log("finishing", error));
      return;
    }
    this.#publish();
    if (kind === "cancelled" && this.#other?.self) this.#stopListening();
  }

  /**
   * Each has asked the other in the same moment, and the crypto machine ended both asks, on both sides. The one whose
   * name comes first asks again; the other takes it without a word, having asked for the same.
   */
  #crossed(flow: Flow): void {
    const other = this.#other;
    if (!other || other.self) return flow.explain({ kind: "both_asked" });
    if (this.#expected !== undefined) return;
    const mine = this.#live.userId < other.userId;
    this.#asked
      ?.stopRinging("m.user")
      .catch((error: unknown) => this.#log("telling the other devices", error));
    this.#asked = undefined;
    this.#expected = other.userId;
    this.#publish();
    if (!mine) return;
    this.#ask(other)
      .then(() => (this.#expected = undefined))
      .catch((error: unknown) => {
        this.#expected = undefined;
        this.#log("asking again", error);
        flow.explain({ kind: "no_answer" });
      });
  }

  /** "Done" is said only when the signatures that make it so have been stored and read back. */
  async #finish(flow: Flow): Promise<void> {
    this.#publish();
    const signed = await waitForSignatures(this.#live, flow.request, this.#options.patience.stepMs);
    if (this.#flow !== flow) return;
    if (!signed) return flow.explain({ kind: "not_signed" });
    this.#settled = flow;
    if (flow.request.isSelfVerification) {
      await this.#options.listen(false);
      this.#options.onOwnDone();
    }
    this.#publish();
  }

  /** Every step of the other's has its time. */
  #watch(flow: Flow, kind: VerificationView["phase"]["kind"]): void {
    if (kind === this.#step) return;
    this.#step = kind;
    this.#late.stop();
    if (kind === "done" || kind === "cancelled") return;
    const { answerMs, stepMs } = this.#options.patience;
    const unanswered = kind === "asking" || kind === "asked";
    this.#late.in(unanswered ? answerMs : stepMs, () => {
      const why: Ended = { kind: unanswered ? "no_answer" : "went_quiet" };
      // Both had asked, and the other's second ask never came.
      this.#expected = undefined;
      if (!flow.open) flow.explain(why);
      else void this.#end(flow, why, "m.timeout");
    });
  }

  #stopListening(): void {
    this.#options.listen(false).catch((error: unknown) => this.#log("ending to listen", error));
  }

  #publish(): void {
    const view = this.#view();
    const text = JSON.stringify(view);
    if (text === this.#published) return;
    this.#published = text;
    this.#live.views.set("verification", view);
  }

  #view(): VerificationView {
    if (!this.#flow || !this.#other) return { phase: { kind: "none" } };
    const phase = this.#flow.phase(this.#other.self ? "Your other device" : this.#other.name);
    if (phase.kind === "cancelled" && this.#expected !== undefined)
      return { other: this.#other, phase: { kind: "asking" } };
    if (phase.kind === "done" && this.#settled !== this.#flow)
      return { other: this.#other, phase: { kind: "waiting" } };
    return { other: this.#other, phase };
  }

  #current(): Flow {
    if (this.#flow?.open) return this.#flow;
    throw new Refusal("conflict", "There is nothing to compare (any more). Start again.");
  }

  /** @throws Refusal when this device could not keep the result */
  async #expectKeys(): Promise<void> {
    const { privateKeysCachedLocally } = await cryptoOf(this.#live.client).getCrossSigningStatus();
    if (privateKeysCachedLocally.userSigningKey) return;
    throw new Refusal(
      "refused",
      "This device does not hold the keys that sign other people. Verify on a device that you unlocked with your recovery key.",
    );
  }

  #isMember(userId: string): boolean {
    return this.#live.people.isMember(userId);
  }

  #nameOf(userId: string): string {
    return this.#live.people.nameOf(userId);
  }

  async #deviceName(deviceId: string): Promise<string> {
    const known = this.#live.deviceNames.get(deviceId);
    if (known !== undefined) return known;
    const { client, userId } = this.#live;
    const info = (await cryptoOf(client).getUserDeviceInfo([userId])).get(userId)?.get(deviceId);
    return info?.displayName ?? deviceId;
  }

  #log(what: string, error: unknown): void {
    if (!this.#live.stopped.aborted) this.#live.log("warn", `verification: ${what} failed`, error);
  }
}

const OWN = "your other device";

function scanned(data: string): Uint8Array {
  const bytes = fromBase64(data);
  if (bytes) return bytes;
  throw new Refusal("invalid", "That could not be read as a code. Scan it again, or compare emoji instead.");
}
