import { requestJson } from "../server/http.ts";
import { dropHalf } from "../onlineUnlock/serverHalf.ts";
import { within } from "../../work/runningTime.ts";
import { STEP_TIMEOUT_MS, destroySession, tellServer } from "../signOut.ts";
import { placeOf } from "../storage/dividedStorage.ts";
import { SealedHeader } from "../storage/sealedHeader.ts";
import { STORAGE_NOT_ALLOWED } from "../storage/storageRule.ts";
import type { Account } from "../vault.ts";
import type { Parts } from "./parts.ts";

/** The ends of a session: closed, with all that is stored left as it is; or destroyed, and signed out. */
export class Ending {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Key material first, then everything else, then the server, if it can be reached. */
  async signOut(): Promise<{ serverTold: boolean }> {
    const { openSession, state, views, environment } = this.#parts;
    if (state.current.phase.kind === "other_tab") throw openSession.notReady();
    // Where the server's half is missing, the tokens can be read all the same.
    const header =
      openSession.storage && (await SealedHeader.open(placeOf(openSession.storage)).catch(() => undefined));
    const { account, tokens = await openSession.vault?.tokens() } = header?.values ?? {};
    const token = openSession.live?.tokens.accessToken ?? tokens?.accessToken;
    await this.destroy();
    views.set("join", { step: "idle", canResume: false });
    this.signedOut();
    if (token !== undefined && account) await this.#dropHalfOf(account, token);
    return { serverTold: token !== undefined && (await tellServer(environment, token)) };
  }

  /** The policy does not allow devices like this one. */
  refuseStorage(): void {
    const { openSession, environment } = this.#parts;
    openSession.cutShort();
    openSession
      .exclusive(async () => {
        await this.signOut();
        this.signedOut(STORAGE_NOT_ALLOWED);
      })
      .catch((error: unknown) => environment.log("warn", "this device could not be refused", error));
  }

  signedOut(notice?: string, userName?: string): void {
    const { state } = this.#parts;
    const { storage } = state.current;
    state.replace({
      phase: {
        kind: "signed_out",
        ...(notice === undefined ? {} : { notice }),
        ...(userName === undefined ? {} : { userName }),
      },
      permissions: [],
      isAdmin: false,
      connection: { kind: "connecting" },
      storage,
    });
  }

  /** @param whileInMemory done once the root key is gone, before the rest is closed */
  async destroy(whileInMemory: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const { openSession, environment, appLock, wipeGuard } = this.#parts;
    const { storage } = openSession;
    const close = async () => {
      await within(environment.clock, STEP_TIMEOUT_MS / 2, whileInMemory()).catch((error: unknown) =>
        environment.log("info", "something was left undone before closing", error),
      );
      await this.close();
    };
    if (storage) await destroySession(environment, storage, close);
    appLock.forget();
    wipeGuard.forget();
    openSession.storage = undefined;
    openSession.lease = undefined;
  }

  /** Stops all that works on the store and lets go of its keys. What is stored stays. */
  async close(views: "reset views" | "keep views" = "reset views"): Promise<void> {
    const { openSession, retry, rotation, onlineUnlock, storageRule, appLock, wipeGuard } = this.#parts;
    retry.stop();
    rotation.stop();
    onlineUnlock.stop();
    storageRule.stop();
    appLock.stop();
    const { live, vault } = openSession;
    openSession.lease?.stop();
    wipeGuard.stop();
    openSession.wipes?.dispose();
    openSession.wipes = undefined;
    await this.stopWorkspace(views);
    openSession.verification?.dispose();
    openSession.verification = undefined;
    await openSession.early?.stop();
    openSession.early = undefined;
    live?.close();
    await rotation.noted();
    if (vault) await openSession.lease?.save();
    openSession.live = undefined;
    openSession.encryption = undefined;
    vault?.close();
    openSession.vault = undefined;
  }

  async stopWorkspace(shown: "reset views" | "keep views" = "reset views"): Promise<void> {
    const { openSession, state, environment } = this.#parts;
    const { workspace } = openSession;
    openSession.workspace = undefined;
    try {
      await workspace?.dispose();
    } catch (error) {
      environment.log("warn", "the workspace did not stop cleanly", error);
    }
    if (shown === "reset views") state.reset();
  }

  /** It opens nothing any more; without a network it stays, and does no harm. */
  async #dropHalfOf(account: Account, token: string): Promise<void> {
    const { environment } = this.#parts;
    const request = <T>(method: "GET" | "PUT", path: string, body?: unknown) =>
      requestJson<T>(environment, method, path, body, { token, timeoutMs: STEP_TIMEOUT_MS });
    await dropHalf(request, account).catch((error: unknown) =>
      environment.log("info", "the server's half of the key could not be emptied", error),
    );
  }
}
