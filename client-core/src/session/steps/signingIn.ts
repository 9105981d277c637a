import { passwordLogin } from "../server/auth.ts";
import type { AuthOptions } from "../server/auth.ts";
import { Refusal, STORAGE_REFUSED } from "../failures.ts";
import { placeOf } from "../storage/dividedStorage.ts";
import { SealedHeader } from "../storage/sealedHeader.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { TokenPair } from "../server/tokens.ts";
import { Vault } from "../vault.ts";
import type { Account } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** With a password: as a new device, or as the one whose token is dead. */
export class SigningIn {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async signIn(arg: { userName: string; password: string }): Promise<void> {
    const { openSession, state, starting, goingOn, ending } = this.#parts;
    const { phase } = state.current;
    const user = arg.userName.trim().toLowerCase();
    if (phase.kind === "locked") return this.#signInAgain(phase.userId, user, arg.password);
    if (phase.kind !== "signed_out") {
      throw openSession.vault
        ? new Refusal("conflict", "Somebody is signed in here already.")
        : openSession.notReady();
    }
    if (openSession.vault) await ending.destroy();
    const vault = await starting.newVault();
    try {
      const { tokens, ...who } = await passwordLogin(this.authOptions(), { user, password: arg.password });
      await vault.save({ account: { ...who, cryptoMade: false, encryption: "check" }, tokens });
    } catch (error) {
      await ending.destroy();
      throw error;
    }
    starting.publishWho();
    state.show({ kind: "starting" });
    await goingOn.goOnOrRetry();
  }

  authOptions(): AuthOptions & { readonly signal: AbortSignal } {
    const { baseUrl, fetch, clock, browserName } = this.#parts.environment;
    return { baseUrl, fetch, clock, browserName, signal: this.#parts.openSession.signal };
  }

  async #signInAgain(userId: string, typed: string, password: string): Promise<void> {
    const [localpart] = userId.slice(1).split(":");
    if (typed !== userId && typed !== localpart && typed !== `@${localpart}`) {
      throw new Refusal(
        "conflict",
        `This browser still holds the keys of ${userId}. Sign in as ${localpart}, or sign out first, which deletes those keys from this browser.`,
      );
    }
    const { openSession, state, starting, contact, goingOn, wipeGuard } = this.#parts;
    if (!openSession.storage) throw new Refusal("storage_unavailable", STORAGE_REFUSED);
    const place = placeOf(openSession.storage);
    const header = await SealedHeader.open(place);
    if (header) return this.#signInWithHeader(place, header, password);
    const vault = openSession.vault ?? (await Vault.open(openSession.storage));
    if (vault === "lost") return starting.forgetLost(openSession.storage);
    openSession.vault = vault;
    const lease = (openSession.lease = await contact.openLease(vault));
    const { account } = vault;
    if (!account) throw new Error("a locked session has an account");
    await wipeGuard.learn(vault);
    await this.#refuseIfWiped();
    const tokens = await this.#loginAgain(account, password);
    // Whether the server still knows this device's keys is looked at anew.
    const { locked: _, ...unlocked } = account;
    await vault.save({ account: { ...unlocked, encryption: "check" }, tokens });
    state.show({ kind: "starting" });
    const again = () => starting.goOnFrom(vault, lease, openSession.signal);
    if (await contact.isWithinLease(vault, lease, again)) await goingOn.goOnOrRetry();
  }

  async #signInWithHeader(place: SessionStorage, header: SealedHeader, password: string): Promise<void> {
    const { openSession, state, byServer, wipeGuard } = this.#parts;
    wipeGuard.learnFromHeader(header);
    await this.#refuseIfWiped();
    const { locked: _, ...account } = header.values.account;
    const tokens = await this.#loginAgain(account, password);
    await header.save({ account: { ...account, encryption: "check" }, tokens });
    state.show({ kind: "starting" });
    return byServer.open(place, header, openSession.signal);
  }

  async #refuseIfWiped(): Promise<void> {
    const { openSession, wipeGuard } = this.#parts;
    if (await wipeGuard.isWiped(openSession.signal)) throw new Refusal("signed_out", "Sign in first.");
  }

  async #loginAgain(account: Account, password: string): Promise<TokenPair> {
    const { userId: user, deviceId } = account;
    const answer = await passwordLogin(this.authOptions(), { user, password, deviceId });
    if (answer.deviceId !== deviceId) throw new Error("the server gave another device than was asked for");
    return answer.tokens;
  }
}
