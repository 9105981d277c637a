import { base64 } from "@hearth/protocol";
import {
  VerificationPhase,
  VerificationRequestEvent,
  VerifierEvent,
  type VerificationRequest,
  type Verifier,
} from "../../sdk/names.ts";
import type { VerificationView } from "../../contract/index.ts";
import { Refusal } from "../../session/failures.ts";
import { endSentence, type Ended } from "./sentences.ts";

const SAS = "m.sas.v1";
const SHOWS_QR = "m.qr_code.show.v1";

type Phase = VerificationView["phase"];

/**
 * One request of the SDK's, read as a phase for the screen, and moved on by what the person says. Which phase it is in
 * is always asked of the SDK: its events say only that something is different.
 */
export class Flow {
  readonly request: VerificationRequest;
  readonly #onChange: () => void;
  #verifier: Verifier | undefined;
  #qr: string | undefined;
  #qrMade = false;
  #accepting = false;
  #choosing = false;
  #scanned = false;
  #said = false;
  /** How far it was when it ended. */
  #last: Phase["kind"] = "asking";
  #ended: Ended | undefined;
  readonly #changed = () => {
    this.#follow();
    this.#onChange();
  };

  constructor(request: VerificationRequest, onChange: () => void) {
    this.request = request;
    this.#onChange = onChange;
    request.on(VerificationRequestEvent.Change, this.#changed);
    this.#follow();
  }

  dispose(): void {
    this.request.off(VerificationRequestEvent.Change, this.#changed);
    this.#verifier?.off(VerifierEvent.ShowSas, this.#changed);
    this.#verifier?.off(VerifierEvent.ShowReciprocateQr, this.#changed);
  }

  /** Whether anything can still come of it. */
  get open(): boolean {
    const { kind } = this.phase("");
    return kind !== "done" && kind !== "cancelled";
  }

  /** How far it got before it ended. */
  get reached(): Phase["kind"] {
    return this.#last;
  }

  /** Cancelled in this device's name, but by nobody at it: it asked while the other did, and the SDK ends both. */
  get crossed(): boolean {
    if (this.#ended || this.#last !== "asking" || this.#read().kind !== "cancelled") return false;
    const { cancellationCode, cancellingUserId, otherUserId, isSelfVerification } = this.request;
    return cancellationCode === "m.user" && (isSelfVerification || cancellingUserId !== otherUserId);
  }

  /** @param name what to call the other in a sentence */
  phase(name: string): Phase {
    const phase = this.#read();
    if (phase.kind === "cancelled") return { kind: "cancelled", ...endSentence(this.#why(), name) };
    this.#last = phase.kind;
    return phase;
  }

  async accept(): Promise<void> {
    if (this.#read().kind !== "asked") throw new Refusal("conflict", "They don’t ask (any more).");
    this.#accepting = true;
    try {
      await this.request.accept();
    } finally {
      this.#accepting = false;
    }
    this.#changed();
  }

  async chooseEmoji(): Promise<void> {
    if (this.#read().kind !== "choose") return;
    this.#choosing = true;
    this.#onChange();
    try {
      await this.request.startVerification(SAS);
    } finally {
      this.#choosing = false;
    }
    this.#changed();
  }

  /** @throws Refusal invalid when this is not the code that the other's screen shows for this comparison */
  async scan(bytes: Uint8Array): Promise<void> {
    if (this.#read().kind !== "choose")
      throw new Refusal("conflict", "There is nothing to scan now. Start again.");
    try {
      await this.request.scanQRCode(new Uint8ClampedArray(bytes));
    } catch {
      throw new Refusal(
        "invalid",
        "That is not the code that belongs to this. Scan the one on the other’s screen now, or compare emoji instead.",
      );
    }
    this.#scanned = true;
    this.#changed();
  }

  async confirm(): Promise<void> {
    const sas = this.#verifier?.getShowSasCallbacks();
    const qr = this.#verifier?.getReciprocateQrCodeCallbacks();
    if (!sas && !qr) throw new Refusal("conflict", "There is nothing to confirm now.");
    this.#said = true;
    this.#onChange();
    try {
      if (sas) await sas.confirm();
      else qr?.confirm();
    } catch (error) {
      this.#said = false;
      this.#onChange();
      throw error;
    }
    this.#changed();
  }

  mismatch(): void {
    this.#ended = { kind: "mismatch" };
    const sas = this.#verifier?.getShowSasCallbacks();
    if (sas) sas.mismatch();
    else void this.request.cancel().catch(() => undefined);
    this.#onChange();
  }

  /** By the person, or because time ran out: the other is told, if the server can be reached. */
  async end(why: Ended): Promise<void> {
    if (!this.open) return;
    this.#ended = why;
    this.#onChange();
    await this.request.cancel();
  }

  /** A better reason than the one that the protocol gives. */
  explain(why: Ended): void {
    this.#ended = why;
    this.#onChange();
  }

  #read(): Phase {
    if (this.#ended) return { kind: "cancelled", message: "", alarm: false };
    const { request } = this;
    switch (request.phase) {
      case VerificationPhase.Unsent:
      case VerificationPhase.Requested:
        if (this.#accepting) return { kind: "waiting" };
        return { kind: request.initiatedByMe ? "asking" : "asked" };
      case VerificationPhase.Ready:
        if (this.#choosing) return { kind: "waiting" };
        // Having shown a code too, the SDK goes on looking at that one and calls this "ready" until it is done.
        if (this.#scanned) return { kind: "waiting", scanned: true };
        return {
          kind: "choose",
          ...(this.#qr === undefined ? {} : { qr: this.#qr }),
          canScan: request.otherPartySupportsMethod(SHOWS_QR),
        };
      case VerificationPhase.Started:
        return this.#readVerifier();
      case VerificationPhase.Done:
        return { kind: "done" };
      case VerificationPhase.Cancelled:
        return { kind: "cancelled", message: "", alarm: false };
    }
  }

  #readVerifier(): Phase {
    const emoji = this.#verifier?.getShowSasCallbacks()?.sas.emoji;
    if (emoji)
      return {
        kind: "emoji",
        emoji: emoji.map(([symbol, name]) => ({ symbol, name })),
        said: this.#said,
      };
    if (this.#verifier?.getReciprocateQrCodeCallbacks()) return { kind: "scanned", said: this.#said };
    return { kind: "waiting", ...(this.#scanned ? { scanned: true } : {}) };
  }

  #why(): Ended {
    if (this.#ended) return this.#ended;
    const { cancellationCode, cancellingUserId, otherUserId, isSelfVerification } = this.request;
    // Between own devices the SDK can't tell who it was. What this one did itself stands in `#ended`.
    const theirs = isSelfVerification || cancellingUserId === otherUserId;
    return { kind: "code", code: cancellationCode ?? "", theirs, asked: this.#last === "asking" };
  }

  /** Takes up the verifier as soon as a method was chosen, by whichever side, and answers its first message. */
  #follow(): void {
    const { request } = this;
    if (request.phase === VerificationPhase.Ready && !this.#qrMade) {
      this.#qrMade = true;
      request
        .generateQRCode()
        .then((bytes) => {
          if (bytes) this.#qr = base64(new Uint8Array(bytes));
          this.#onChange();
        })
        .catch(() => undefined);
    }
    const { verifier } = request;
    if (!verifier || verifier === this.#verifier) return;
    this.#verifier = verifier;
    verifier.on(VerifierEvent.ShowSas, this.#changed);
    verifier.on(VerifierEvent.ShowReciprocateQr, this.#changed);
    // Rejects when it is cancelled, which the request's phase says too.
    verifier.verify().catch(() => this.#changed());
  }
}
