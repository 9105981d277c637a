import { parseInviteLink } from "@hearth/protocol";
import type { CommandArg, JoinView } from "../../contract/index.ts";
import { BAD_NAME, checkPassword } from "../server/auth.ts";
import type { AuthOptions } from "../server/auth.ts";
import { Refusal, toOutcome } from "../failures.ts";
import { DAMAGED, becomeMember, newJoin, registerOrSignIn } from "./join.ts";
import type { JoinRecord } from "./joinRecord.ts";
import type { LiveSession } from "../live.ts";
import type { Vault } from "../vault.ts";
import type { SessionState } from "../state.ts";
import type { PublishedViews } from "../views.ts";

/** What joining needs of the session around it. */
export interface JoinHost {
  readonly state: SessionState;
  readonly views: PublishedViews;
  readonly vault: Vault | undefined;
  readonly stopping: boolean;
  newVault(): Promise<Vault>;
  authOptions(): AuthOptions & { readonly signal: AbortSignal };
  /** From a stored account onwards: set-up, then `finish`, then ready. */
  goOn(): Promise<void>;
  /** An account was stored. */
  publishWho(): void;
  /** Nothing of this attempt is kept. */
  destroy(): Promise<void>;
  signedOut(): void;
}

/** A join as its person sees it: asked for, gone on with, broken off. The requests themselves are in join.ts. */
export class Joining {
  readonly #host: JoinHost;

  constructor(host: JoinHost) {
    this.#host = host;
  }

  async accept(arg: CommandArg<"join.accept">): Promise<void> {
    const link = parseInviteLink(arg.link);
    if (!link) throw new Refusal("invite_damaged", DAMAGED);
    const userName = arg.userName.trim().toLowerCase();
    if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(userName)) throw new Refusal("bad_name", BAD_NAME);
    const displayName = arg.displayName.trim();
    if (displayName === "" || displayName.length > 80) {
      throw new Refusal("invalid", "Enter the name that others see, at most 80 characters.");
    }
    checkPassword(arg.password);
    const asked = newJoin({ link, userName, displayName, password: arg.password });
    const { account, join } = this.#host.vault ?? {};
    if (account) {
      if (!join || account.userId.split(":")[0] !== `@${userName}`) {
        throw new Refusal("conflict", `${account.userId} is signed in here. Sign out first.`);
      }
      // Asked again, perhaps with a new link because the first one did not work.
      const { password: _, ...again } = asked;
      if (link.invite !== join.link.invite)
        await this.#host.vault?.save({ join: { ...again, step: "asking" } });
    } else {
      const vault = this.#host.vault ?? (await this.#host.newVault());
      // With the same link, the attempt that holds its token is gone on with, under whatever name.
      const registration = join?.link.invite === link.invite ? join.registration : undefined;
      await vault.save({ join: { ...asked, ...(registration === undefined ? {} : { registration }) } });
    }
    await this.resume();
  }

  async resume(): Promise<void> {
    const { vault, state } = this.#host;
    const join = vault?.join;
    // It went on by itself since the page asked.
    if (vault?.account && !join) return;
    if (!vault || !join) throw new Refusal("not_found", "There is nothing to resume. Open the invite link.");
    state.show({ kind: "joining" });
    try {
      if (!vault.account) await this.#register(vault, join);
      await this.#host.goOn();
    } catch (error) {
      if (!this.#host.stopping) this.broke(vault.join ?? join, error);
      throw error;
    }
  }

  async #register(vault: Vault, join: JoinRecord): Promise<void> {
    this.show(join, { step: "registering" });
    try {
      const { tokens, ...who } = await registerOrSignIn(this.#host.authOptions(), join, (registration) =>
        vault.save({ join: { ...join, registration } }),
      );
      const { password: _, registration: __, ...rest } = join;
      await vault.save({
        account: { ...who, cryptoMade: false, encryption: "check" },
        tokens,
        join: { ...rest, step: "asking" },
      });
      this.#host.publishWho();
    } catch (error) {
      if (error instanceof Refusal) {
        // Nothing was made: the person corrects what they typed. What holds the invite's token is kept for that.
        const correctable = ["name_taken", "bad_name", "weak_password"].includes(error.code);
        if (!correctable || vault.join?.registration === undefined) await this.#host.destroy();
        this.#host.signedOut();
      }
      throw error;
    }
  }

  /** From a set-up account to a member. */
  async finish(live: LiveSession, vault: Vault): Promise<void> {
    await becomeMember({
      live,
      vault,
      signal: this.#host.authOptions().signal,
      onStep: (step, message) =>
        vault.join && this.show(vault.join, { step, ...(message === undefined ? {} : { message }) }),
    });
    this.#host.views.set("join", { step: "done", canResume: false });
  }

  /** Says why it stopped, and whether it can go on. */
  broke(join: JoinRecord, error: unknown): void {
    const outcome = toOutcome(error);
    if (outcome.ok) return;
    const { phase } = this.#host.state.current;
    if (phase.kind === "signed_out") {
      return this.#host.views.set("join", { step: "failed", message: outcome.message, canResume: false });
    }
    if (phase.kind !== "joining") return;
    // Nothing runs any more: the screen must offer to go on, whatever step it was.
    this.show(join, { message: outcome.message, step: "failed" });
  }

  show(join: JoinRecord, change: Partial<JoinView>): void {
    const steps = {
      registering: "registering",
      asking: "asking",
      joining: "joining",
      profile: "joining",
    } as const;
    this.#host.views.set("join", { step: steps[join.step], canResume: true, ...change });
  }
}
