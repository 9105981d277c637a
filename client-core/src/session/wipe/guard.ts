import type { WipeRefusal } from "@hearth/protocol";
import type { Environment } from "../environment.ts";
import type { SealedHeader } from "../storage/sealedHeader.ts";
import type { Vault } from "../vault.ts";
import type { SessionState } from "../state.ts";
import { headerContext, lookUpWipe, noteContext, noteOf, wipeContext } from "./context.ts";
import type { WipeContext, WipeNote } from "./context.ts";
import { IGNORED } from "./sentences.ts";
import { WipeWatch } from "./watch.ts";
import type { WipeOrder } from "./watch.ts";

const MOST_IGNORED = 10;

/**
 * [P7] Looks for a wipe of this device where no message can bring it. What it judges by stays in memory when the session
 * is closed, so that a locked page goes on looking; it holds no secret.
 */
export class WipeGuard {
  readonly #environment: Environment;
  readonly #state: SessionState;
  readonly #onOrder: (order: WipeOrder) => void;
  readonly #keepNote: (note: WipeNote) => Promise<void>;
  #context: WipeContext | undefined;
  #watch: { readonly watch: WipeWatch; readonly context: WipeContext; readonly forever: boolean } | undefined;

  /** @param keepNote for a start at which nothing of the session can be opened */
  constructor(
    environment: Environment,
    state: SessionState,
    onOrder: (order: WipeOrder) => void,
    keepNote: (note: WipeNote) => Promise<void>,
  ) {
    this.#environment = environment;
    this.#state = state;
    this.#onOrder = onOrder;
    this.#keepNote = keepNote;
  }

  get note(): WipeNote | undefined {
    return this.#context && noteOf(this.#context);
  }

  /** Whose word counts, as the session knows it now. */
  async learn(vault: Vault): Promise<void> {
    const context = await wipeContext(vault);
    if (!context) return;
    this.#context = context;
    const { header } = vault.storage;
    const newest = context.roster.hashes.at(-1);
    const { org } = context;
    if (header && org && newest && header.values.wipe?.newest !== newest)
      await header.save({ wipe: { org, newest } });
    const note = noteOf(context);
    if (note) await this.#keepNote(note);
  }

  /** As `learn`, where nothing depends on it. */
  async tryToLearn(vault: Vault | undefined): Promise<void> {
    try {
      if (vault) await this.learn(vault);
    } catch (error) {
      this.#environment.log("warn", "could not read by what a wipe would be judged", error);
    }
  }

  /** The same where the session is not opened yet. What it knew while it was open, it knows better. */
  learnFromHeader(header: SealedHeader): void {
    if (!this.#context || isFromNote(this.#context))
      this.#context = headerContext(header.values) ?? this.#context;
  }

  /** And where not even the sealed header can be opened. */
  learnAtLock(note: WipeNote | undefined): void {
    if (note) this.#context ??= noteContext(note);
  }

  /** @param forever whether an order can come by no other way */
  watch(forever: boolean): void {
    const context = this.#context;
    if (!context) return this.stop();
    if (this.#watch?.context === context && this.#watch.forever && forever) return;
    this.stop();
    const watch = new WipeWatch({
      environment: this.#environment,
      context,
      forever,
      onOrder: this.#onOrder,
      onIgnored: (reason) => this.ignored(reason),
    });
    this.#watch = { watch, context, forever };
  }

  stop(): void {
    this.#watch?.watch.stop();
    this.#watch = undefined;
  }

  /** There is no session any more that this would be about. */
  forget(): void {
    this.stop();
    this.#context = undefined;
  }

  /** Before a locked session is opened again. Where nobody answers, nobody is locked out for that. */
  async isWiped(signal: AbortSignal): Promise<boolean> {
    const found = this.#context && (await lookUpWipe(this.#environment, this.#context, signal));
    if (typeof found !== "object" || !found.obey) return false;
    this.#onOrder(found);
    return true;
  }

  /** Somebody wanted this device wiped, and it does not follow. */
  ignored(reason: WipeRefusal | "not_encrypted"): void {
    this.#environment.log("warn", `a wipe was ignored: ${reason}`);
    const before = this.#state.current.ignoredWipes ?? [];
    const now = { at: this.#environment.clock.now(), why: IGNORED[reason] };
    this.#state.patch({ ignoredWipes: [...before, now].slice(-MOST_IGNORED) });
  }
}

/** It lies in the clear, so whatever can be known otherwise counts more. */
const isFromNote = ({ org }: WipeContext): boolean => org === undefined;
