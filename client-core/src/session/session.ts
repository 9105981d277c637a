import type { WipeTarget } from "@hearth/protocol";
import { startWorkspace } from "../workspace/index.ts";
import type { Workspace } from "./api.ts";
import { AppLock } from "./appLock/appLock.ts";
import { lockedForm } from "./appLock/keyLock.ts";
import { passwordLogin } from "./auth.ts";
import { Encryption } from "./encryption.ts";
import type { Environment } from "./environment.ts";
import { Refusal, STORAGE_REFUSED, STORAGE_UNREADABLE, isQuotaError, toOutcome } from "./failures.ts";
import { EarlySync } from "../verification/earlySync.ts";
import { PATIENCE, Verification } from "../verification/verification.ts";
import { requestJson } from "./http.ts";
import { Joining } from "./joining.ts";
import type { JoinHost } from "./joining.ts";
import { LAPSED, Lease, OUT_OF_CONTACT } from "./lease.ts";
import type { LeaseEnd } from "./lease.ts";
import type { LeaseRecord } from "@hearth/protocol";
import { openLive, openTokens } from "./live.ts";
import type { LiveSession } from "./live.ts";
import { lockMessage } from "./lockMessage.ts";
import { moult } from "./moult.ts";
import { Moulting } from "./moulting.ts";
import { askAtDoor, atDoor } from "./onlineUnlock/atDoor.ts";
import { OnlineUnlock } from "./onlineUnlock/onlineUnlock.ts";
import { dropHalf, keepHalf } from "./onlineUnlock/serverHalf.ts";
import { STEP_TIMEOUT_MS, destroySession, tellServer, within } from "./signOut.ts";
import { divided, dividedSuccessor, isDivided, placeOf, wholeSuccessor } from "./storage/dividedStorage.ts";
import { Door } from "./storage/door.ts";
import { newRootKey } from "./storage/rootKey.ts";
import { STORAGE_NOT_ALLOWED, StorageRule } from "./storageRule.ts";
import { StorageRefused } from "./storage/storage.ts";
import type { SessionStorage } from "./storage/storage.ts";
import type { TabLock } from "./tabLock.ts";
import type { DeadToken, TokenPair } from "./tokens.ts";
import { Turns } from "./turns.ts";
import { Use } from "./use.ts";
import { Vault } from "./vault.ts";
import type { Account } from "./vault.ts";
import type { PublishedViews } from "./views.ts";
import { wipeContext } from "./wipe/context.ts";
import { WipeGuard } from "./wipe/guard.ts";
import { sealAnswer, WipeListener } from "./wipe/listener.ts";
import type { Sender } from "./wipe/listener.ts";
import { WIPED } from "./wipe/sentences.ts";
import type { WipeOrder } from "./wipe/watch.ts";

/** Commands have no network any more when a session is being locked, so they write what they have to and end. */
const COMMANDS_MS = 2_000;
/** How long to wait before asking again whether the server is there, growing. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * Which phase the session is in, and the way from each to the next. What is stored decides where a start goes on;
 * every step is written before it is relied upon.
 *
 * Work on the session is done in `exclusive`, one piece after the other. A lock (dead token), a sign-out and another
 * tab cut in: they end what is running.
 */
export class Session implements JoinHost {
  readonly views: PublishedViews;
  readonly joining: Joining;
  readonly appLock: AppLock;
  readonly #environment: Environment;
  readonly #lock: TabLock;
  readonly #turns = new Turns();
  #storage: SessionStorage | undefined;
  #vault: Vault | undefined;
  #lease: Lease | undefined;
  #live: LiveSession | undefined;
  #encryption: Encryption | undefined;
  #verification: Verification | undefined;
  #early: EarlySync | undefined;
  #workspace: Workspace | undefined;
  #wipes: WipeListener | undefined;
  #wiping = false;
  readonly #wipeGuard: WipeGuard;
  readonly #moulting: Moulting;
  readonly #onlineUnlock: OnlineUnlock;
  readonly #storageRule: StorageRule;
  readonly #workspaceUse = new Use();
  #closing: Promise<void> = Promise.resolve();
  /** While what is stored moves to another place. */
  #moving: Promise<void> = Promise.resolve();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;
  #disposed = false;

  constructor(environment: Environment, views: PublishedViews) {
    this.#environment = environment;
    this.views = views;
    this.joining = new Joining(this);
    this.#lock = environment.makeLock(() => this.#leaveToOtherTab());
    this.appLock = new AppLock({
      views,
      now: environment.now,
      log: environment.log,
      waits: environment.lockWaits,
      needsServer: () => isDivided(this.#storage),
      storage: () => placeOf(this.#storage),
      use: (place) => (this.#storage = isDivided(this.#storage) ? this.#storage.around(place) : place),
      lease: () => this.#lease?.counted(),
      lock: () => this.lockApp(),
      wipe: async (notice) => {
        await this.destroy();
        this.views.set("join", { step: "idle", canResume: false });
        this.signedOut(notice);
      },
    });
    this.#wipeGuard = new WipeGuard(environment, views, (order) => this.#obeyWipe(order));
    this.#onlineUnlock = new OnlineUnlock({
      views,
      log: environment.log,
      isDivided: () => (this.#canMoult(this.#vault) ? isDivided(this.#storage) : undefined),
      convert: (divide) => (divide ? this.#divideRootKey() : this.#joinRootKey()),
      tidy: () => this.#dropUnneededHalf(),
    });
    this.#storageRule = new StorageRule(views, () => this.#refuseStorage());
    this.#moulting = new Moulting({
      vault: () => this.#vault,
      views,
      now: environment.now,
      log: environment.log,
      moult: () => this.#moultWhenIdle(),
    });
  }

  /** Opens what is stored. Resolves when the first phase is known; a join goes on afterwards by itself. */
  async start(): Promise<void> {
    const started = this.exclusive(async () => {
      const { signal } = this.#turns;
      try {
        if (!(await this.#lock.acquire())) return this.views.show({ kind: "other_tab" });
      } catch (error) {
        return this.#storageProblem(error);
      }
      await this.#openStored(signal);
    });
    try {
      await started;
    } catch (error) {
      // A wipe that was waiting cut in: it shows what there is to show.
      if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
    }
  }

  /** Stops everything and frees what it holds. Keys and data stay stored. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.cutShort();
    await this.exclusive(() => this.#close());
    this.#wipeGuard.forget();
    this.#lock.release();
  }

  get stopping(): boolean {
    return this.#disposed;
  }

  get vault(): Vault | undefined {
    return this.#vault;
  }

  /** @throws Refusal locked or signed_out when there is none */
  get live(): LiveSession {
    if (!this.#live || this.#live.stopped.aborted) throw this.#notReady();
    return this.#live;
  }

  /** @throws Refusal as `live` */
  get encryption(): Encryption {
    if (!this.#encryption || !this.live) throw this.#notReady();
    return this.#encryption;
  }

  /** @throws Refusal as `live` */
  get verification(): Verification {
    if (!this.#verification || !this.live) throw this.#notReady();
    return this.#verification;
  }

  /** @throws Refusal as `live`; also while set-up or a join is not finished */
  get workspace(): Workspace {
    if (!this.#workspace || !this.live) throw this.#notReady();
    return this.#workspace;
  }

  /** Runs a command of the workspace; one that comes during a moult waits for its end. */
  async inWorkspace<T>(work: (workspace: Workspace) => Promise<T>): Promise<T> {
    return this.#workspaceUse.during(() => work(this.workspace));
  }

  get isReady(): boolean {
    return this.#workspace !== undefined;
  }

  // -- starting ------------------------------------------------------------------------------------------------

  /** @param signal of the turn that this is part of */
  async #openStored(signal: AbortSignal): Promise<void> {
    let storage: SessionStorage | undefined;
    let isLocked: boolean;
    try {
      const found = await this.#environment.storage.find();
      // Whoever cut in may have destroyed meanwhile what was found.
      signal.throwIfAborted();
      this.#storage = storage = found;
      if (!storage) {
        this.appLock.forget();
        return this.signedOut();
      }
      this.views.patchSession({ storage: storage.kind });
      isLocked = await this.appLock.find(storage, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.#storageProblem(error);
    }
    if (isLocked) await this.#stayLocked(signal);
    else await this.#openUnlocked(storage, signal);
  }

  /** @param place its root key is in the clear now: all of it, or the device's half */
  async #openUnlocked(place: SessionStorage, signal: AbortSignal): Promise<void> {
    try {
      const door = await Door.open(place);
      if (door) return await this.#openByServer(place, door, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.#storageProblem(error);
    }
    await this.#openVault(place, signal);
  }

  async #openVault(storage: SessionStorage, signal: AbortSignal): Promise<void> {
    let vault: Vault | "lost";
    try {
      vault = await Vault.open(storage);
      if (signal.aborted && vault !== "lost") vault.close();
      // What whoever cut in has destroyed looks lost.
      signal.throwIfAborted();
      if (vault === "lost") return await this.#forgetLost(storage);
      this.#vault = vault;
      this.#lease = await this.#openLease(vault);
    } catch (error) {
      signal.throwIfAborted();
      return this.#storageProblem(error);
    }
    this.publishWho();
    await this.#goOnFrom(vault, this.#lease, signal);
  }

  async #goOnFrom(vault: Vault, lease: Lease, signal: AbortSignal): Promise<void> {
    const again = () => this.#goOnFrom(vault, lease, this.#turns.signal);
    if (vault.account && !(await this.#isWithinLease(vault, lease, again))) return;
    const { account, join } = vault;
    if (account?.locked !== undefined) {
      this.views.show({ kind: "locked", userId: account.userId, message: account.locked });
      await this.#wipeGuard.learn(vault);
      await this.#close();
      this.#wipeGuard.watch(true);
      lease.start(undefined, (end) => this.#leaseEnded(end));
      this.appLock.start();
    } else if (join) {
      this.views.show({ kind: "joining" });
      this.joining.show(join, {});
      this.exclusive(() => this.joining.resume()).catch((error: unknown) =>
        this.#environment.log("info", "a join could not go on", error),
      );
    } else if (account) {
      const due = this.#canMoult(vault) && (await this.#moulting.isDueAtStart(vault));
      if (!due || (await this.#moult(signal))) await this.#goOnOrRetry();
    } else {
      // Left by a sign-in that did not come to its end.
      await this.destroy();
      this.signedOut();
    }
  }

  /** [P7] Looked at before anything is opened or shown. Where it may not go on, says so, or has destroyed the keys. */
  async #isWithinLease(
    vault: Pick<Vault, "account" | "tokens" | "save" | "patchAccount">,
    lease: Lease,
    again: () => Promise<void>,
  ): Promise<boolean> {
    let dead: DeadToken | undefined;
    const isLocked = vault.account?.locked !== undefined;
    const { signal } = this.#turns;
    let verdict = lease.verdict();
    if (verdict === "ask" && !isLocked) {
      const tokens = await openTokens(this.#environment, vault, (reason) => (dead = reason));
      verdict = await lease.settle(tokens.fetch, signal, () => dead !== undefined);
    }
    // No contact comes of a dead token, and a wrong clock of the device must not cost anybody their keys.
    if (verdict !== "go" && (isLocked || dead)) verdict = (await lease.isOver(signal)) ? "destroy" : "locked";
    if (verdict === "destroy") {
      await this.#destroyLapsed();
      return false;
    }
    if (dead) await vault.patchAccount({ locked: lockMessage(dead) });
    // What is locked shows nothing anyway.
    if (verdict === "go" || isLocked || dead) return true;
    this.views.show({ kind: "out_of_contact", message: OUT_OF_CONTACT });
    this.appLock.start();
    this.#tryAgain(again, RETRY_MS[0]);
    return false;
  }

  #tryAgain(again: () => Promise<void>, waitMs: number | undefined): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.exclusive(again).catch((error: unknown) =>
        this.#environment.log("info", "waiting for contact was cut short", error),
      );
    }, waitMs);
  }

  /** While something was open. What it shows goes at once; then it is as at a start. */
  #leaseEnded(end: LeaseEnd): void {
    if (this.#disposed) return;
    this.#environment.log("warn", `the lease: ${end}`);
    this.#lease?.stop();
    this.cutShort();
    this.views.show({ kind: "starting" });
    this.exclusive(async () => {
      if (end === "over") return this.#destroyLapsed();
      const { signal } = this.#turns;
      await this.#close();
      await this.#openStored(signal);
    }).catch((error: unknown) => this.#environment.log("info", "settling the lease was cut short", error));
  }

  async #destroyLapsed(): Promise<void> {
    try {
      await this.destroy();
      this.views.set("join", { step: "idle", canResume: false });
      this.signedOut(LAPSED);
    } catch (error) {
      this.#storageProblem(error);
    }
  }

  #openLease(vault: Vault): Promise<Lease> {
    const alsoKeep = (record: LeaseRecord) => this.appLock.noteLease(record);
    return Lease.open(vault, { ...this.#environment, alsoKeep }, this.#lease);
  }

  // -- online unlock ---------------------------------------------------------------------------------------------

  /** The server has a half of the root key, and gives it to a live token alone. Nothing is opened or shown before. */
  async #openByServer(place: SessionStorage, door: Door, signal: AbortSignal): Promise<void> {
    this.#storage = place;
    const kept = atDoor(door);
    const lease = (this.#lease = await Lease.open(kept, this.#environment, this.#lease));
    const { userId, deviceId } = kept.account;
    this.views.patchSession({ userId, deviceId });
    this.#wipeGuard.learnAtDoor(door);
    const again = () => this.#openByServer(place, door, this.#turns.signal);
    if (!(await this.#isWithinLease(kept, lease, again))) return;
    const asked = kept.account.locked ?? (await askAtDoor(this.#environment, kept, signal));
    signal.throwIfAborted();
    if (typeof asked === "object") {
      this.#retries = 0;
      const storage = divided(place, asked.half, door);
      this.#storage = storage;
      return this.#openVault(storage, signal);
    }
    // It may be that an admin wiped this device, and that no token and no half are left to tell it by.
    this.#wipeGuard.watch(true);
    lease.start(undefined, (end) => this.#leaseEnded(end));
    if (kept.account.locked !== undefined) {
      this.views.show({ kind: "locked", userId, message: kept.account.locked });
      return this.appLock.start();
    }
    this.views.show({ kind: "no_start", message: asked });
    this.appLock.start();
    this.#tryAgain(again, RETRY_MS[Math.min(this.#retries++, RETRY_MS.length - 1)]);
  }

  /** The policy wants it: a half for the server first, then a place whose root key needs it. */
  async #divideRootKey(): Promise<void> {
    const { account } = this.#vault ?? {};
    if (!account) throw this.#notReady();
    const half = newRootKey();
    await this.#vault?.save({ "server-half": true });
    // While commands still run: none of them has to wait for the network.
    await keepHalf(this.live.request, account, half);
    await this.#moultWhenIdle(async (storage, vault) => {
      const tokens = await vault.tokens();
      if (!tokens || vault.account?.deviceId !== account.deviceId) throw this.#notReady();
      return {
        ...storage,
        successor: () => dividedSuccessor(storage, half, { account, tokens }),
      };
    });
  }

  /** The policy does not want it any more: a place whose root key is whole first; `tidy` then empties the server's half. */
  async #joinRootKey(): Promise<void> {
    await this.#vault?.save({ "server-half": true });
    await this.#moultWhenIdle((storage) => {
      const place = placeOf(storage);
      if (!place.successor) throw this.#notReady();
      return Promise.resolve({ ...storage, successor: () => wholeSuccessor(place) });
    });
  }

  /** What a conversion has left with the server, now or long ago. */
  async #dropUnneededHalf(): Promise<void> {
    const vault = this.#vault;
    if (!vault?.account || isDivided(this.#storage) || !(await vault.hasServerHalf())) return;
    await dropHalf(this.live.request, vault.account);
    await vault.save({ "server-half": null });
  }

  // -- the app lock ----------------------------------------------------------------------------------------------

  /** [P7] Keys leave memory and nothing is shown. What is stored stays as it is, under the lock. */
  lockApp(): void {
    const { kind } = this.views.session.phase;
    if (!this.appLock.isOn || !this.#storage || this.#disposed || kind === "app_locked") return;
    this.cutShort();
    this.appLock.show();
    const before = this.#closing;
    this.#closing = (async () => {
      await before;
      // What moves is not closed half-way; it stops at its next step.
      await this.#moving;
      await this.#beforeClosing();
      await this.#close();
      // A sign-out or a wipe may come before the place is looked at again: this is what it destroys.
      this.#storage = this.#storage && lockedForm(placeOf(this.#storage));
    })();
    this.exclusive(() => this.#openStored(this.#turns.signal)).catch((error: unknown) =>
      this.#environment.log("info", "locking was cut short", error),
    );
  }

  /** @param open with the passphrase, or what a passkey gave */
  async unlockApp(open: (lock: AppLock) => Promise<SessionStorage>): Promise<void> {
    if (this.views.session.phase.kind !== "app_locked") return;
    const { signal } = this.#turns;
    const opened = await open(this.appLock);
    signal.throwIfAborted();
    this.#storage = opened;
    this.views.show({ kind: "starting" });
    await this.#openUnlocked(opened, signal);
  }

  /** Shows the lock page, and sees to it that the lease goes on meanwhile. */
  async #stayLocked(signal: AbortSignal): Promise<void> {
    const before = this.#lease;
    this.appLock.show();
    this.#wipeGuard.watch(true);
    this.#lease = undefined;
    if (!this.appLock.lease) return;
    const kept = {
      lease: () => Promise.resolve(this.appLock.lease),
      save: ({ lease }: { readonly lease: LeaseRecord }) => this.appLock.noteLease(lease),
    };
    const lease = (this.#lease = await Lease.open(kept, this.#environment, before));
    await lease.save();
    if (await lease.isOver(signal)) return this.#destroyLapsed();
    lease.start(undefined, () => {
      lease.stop();
      this.exclusive(async () => {
        if (this.#lease === lease) await this.#destroyLapsed();
      }).catch((error: unknown) =>
        this.#environment.log("info", "the end of the lease was cut short", error),
      );
    });
  }

  async #forgetLost(storage: SessionStorage): Promise<void> {
    await destroySession(this.#environment, storage, () => Promise.resolve());
    this.appLock.forget();
    this.#wipeGuard.forget();
    this.#storage = undefined;
    this.#lease = undefined;
    this.signedOut(
      "This browser threw away the keys that Hearth stored in it, so this device can no longer read anything. Sign in again with your recovery key: it then counts as a new device.",
    );
  }

  #storageProblem(error: unknown): void {
    this.#environment.log("warn", "storage can't be used", error);
    const message = error instanceof StorageRefused ? STORAGE_REFUSED : STORAGE_UNREADABLE;
    this.views.show({ kind: "storage_problem", message });
  }

  /** From a stored account to wherever it can get: set-up, the rest of a join, ready. */
  async goOn(): Promise<void> {
    const vault = this.#vault;
    const lease = this.#lease;
    if (!vault?.account || !lease) throw this.#notReady();
    const live = (this.#live ??= await openLive(
      this.#environment,
      vault,
      this.views,
      lease,
      (reason) => {
        if (this.#vault === vault) this.#lockSession(reason);
      },
      () => this.#moulting.afterPrune(),
    ));
    if (this.#vault !== vault) {
      live.close();
      throw this.#notReady();
    }
    lease.start(live.tokens.fetch, (end) => this.#leaseEnded(end));
    this.appLock.start();
    const encryption = (this.#encryption ??= new Encryption(live, vault));
    this.#early ??= new EarlySync(live);
    this.#verification ??= this.#makeVerification(live, this.#early);
    if (!this.#wipes) {
      this.#wipes = new WipeListener(live, {
        environment: this.#environment,
        context: () => wipeContext(vault),
        onOrder: (order, target, from) => this.#obeyWipe(order, target, from),
        onIgnored: (reason) => this.#wipeGuard.ignored(reason),
      });
      // What was sent to this device while it was ended at the homeserver, and signed in again, is lost.
      await this.#wipeGuard.learn(vault);
      if (this.#vault !== vault) throw this.#notReady();
      this.#wipeGuard.watch(false);
    }
    const shown = await vault.recoveryKey();
    if (vault.account.encryption !== "done" || shown !== undefined) {
      const need = await encryption.need();
      this.views.patchSession({ connection: { kind: "connected" } });
      if (need === "nothing" && shown !== undefined) {
        return this.views.show({ kind: "setup", step: "show_key", recoveryKey: shown });
      }
      if (need !== "nothing") {
        if (vault.join) this.joining.show(vault.join, { step: "encryption" });
        return this.views.show({ kind: "setup", step: need });
      }
      await vault.patchAccount({ encryption: "done" });
    } else {
      void this.#checkEncryptionLater(live, encryption);
    }
    if (vault.join) {
      this.views.show({ kind: "joining" });
      await this.joining.finish(live, vault);
    }
    if (!this.#workspace) {
      await this.#early.stop();
      const workspace = await startWorkspace(live);
      if (live.stopped.aborted) {
        await workspace.dispose();
        throw this.#notReady();
      }
      this.#workspace = workspace;
    }
    this.views.patchSession({ phase: { kind: "ready" } });
    this.#verification.show();
    this.#moulting.start();
    this.#onlineUnlock.start();
    this.#storageRule.start();
    this.appLock.start();
  }

  #makeVerification(live: LiveSession, early: EarlySync): Verification {
    return new Verification({
      live,
      patience: this.#environment.patience ?? PATIENCE,
      listen: async (wanted) => {
        if (!wanted) await early.stop();
        else if (!this.#workspace) early.start();
      },
      // Signed by another device now: as good as unlocked.
      onOwnDone: () => {
        if (this.views.session.phase.kind === "setup")
          this.exclusive(() => this.#goOnOrRetry()).catch(() => {});
      },
    });
  }

  /** The same for a start, where nobody waits for an outcome: without a server, tries again by itself. */
  async #goOnOrRetry(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await this.goOn();
      this.#retries = 0;
    } catch (error) {
      if (this.#disposed || !this.#vault || this.#live?.stopped.aborted) return;
      if (this.#vault.join) return this.joining.broke(this.#vault.join, error);
      const outcome = toOutcome(error);
      const message = outcome.ok ? "" : outcome.message;
      this.#environment.log("warn", "could not start", error);
      this.views.patchSession({ connection: { kind: "waiting", message } });
      const wait = RETRY_MS[Math.min(this.#retries++, RETRY_MS.length - 1)];
      this.#retry = setTimeout(() => {
        this.exclusive(() => this.#goOnOrRetry()).catch(() => {});
      }, wait);
    }
  }

  /**
   * A device that was set up starts without asking. Whether it still is (identity replaced elsewhere) is looked up
   * beside the work.
   */
  async #checkEncryptionLater(live: LiveSession, encryption: Encryption): Promise<void> {
    try {
      const need = await encryption.need();
      if (need === "nothing" || live.stopped.aborted) return;
      await this.exclusive(async () => {
        if (live.stopped.aborted) return;
        await this.#vault?.patchAccount({ encryption: "check" });
        await this.#stopWorkspace();
        this.views.show({ kind: "setup", step: need });
      });
    } catch (error) {
      this.#environment.log("info", "could not look up the state of encryption", error);
    }
  }

  // -- signing in ------------------------------------------------------------------------------------------------

  async signIn(arg: { userName: string; password: string }): Promise<void> {
    const { phase } = this.views.session;
    const user = arg.userName.trim().toLowerCase();
    if (phase.kind === "locked") return this.#signInAgain(phase.userId, user, arg.password);
    if (phase.kind !== "signed_out") {
      throw this.#vault ? new Refusal("conflict", "Somebody is signed in here already.") : this.#notReady();
    }
    if (this.#vault) await this.destroy();
    const vault = await this.newVault();
    try {
      const { tokens, ...who } = await passwordLogin(this.authOptions(), { user, password: arg.password });
      await vault.save({ account: { ...who, cryptoMade: false, encryption: "check" }, tokens });
    } catch (error) {
      await this.destroy();
      throw error;
    }
    this.publishWho();
    this.views.show({ kind: "starting" });
    await this.#goOnOrRetry();
  }

  async #signInAgain(userId: string, typed: string, password: string): Promise<void> {
    const [localpart] = userId.slice(1).split(":");
    if (typed !== userId && typed !== localpart && typed !== `@${localpart}`) {
      throw new Refusal(
        "conflict",
        `This browser still holds the keys of ${userId}. Sign in as ${localpart}, or sign out first, which deletes those keys from this browser.`,
      );
    }
    if (!this.#storage) throw new Refusal("storage_unavailable", STORAGE_REFUSED);
    const door = await Door.open(placeOf(this.#storage));
    if (door) {
      this.#wipeGuard.learnAtDoor(door);
      await this.#refuseIfWiped();
      const { locked: _, ...account } = door.values.account;
      const tokens = await this.#loginAgain(account, password);
      await door.save({ account: { ...account, encryption: "check" }, tokens });
      this.views.show({ kind: "starting" });
      return this.#openByServer(placeOf(this.#storage), door, this.#turns.signal);
    }
    const vault = this.#vault ?? (await Vault.open(this.#storage));
    if (vault === "lost") return this.#forgetLost(this.#storage);
    this.#vault = vault;
    const lease = (this.#lease = await this.#openLease(vault));
    const { account } = vault;
    if (!account) throw new Error("a locked session has an account");
    await this.#wipeGuard.learn(vault);
    await this.#refuseIfWiped();
    const tokens = await this.#loginAgain(account, password);
    // Whether the server still knows this device's keys is looked at anew.
    const { locked: _, ...unlocked } = account;
    await vault.save({ account: { ...unlocked, encryption: "check" }, tokens });
    this.views.show({ kind: "starting" });
    const again = () => this.#goOnFrom(vault, lease, this.#turns.signal);
    if (await this.#isWithinLease(vault, lease, again)) await this.#goOnOrRetry();
  }

  async #refuseIfWiped(): Promise<void> {
    if (await this.#wipeGuard.isWiped(this.#turns.signal)) throw new Refusal("signed_out", "Sign in first.");
  }

  async #loginAgain(account: Account, password: string): Promise<TokenPair> {
    const { userId: user, deviceId } = account;
    const answer = await passwordLogin(this.authOptions(), { user, password, deviceId });
    if (answer.deviceId !== deviceId) throw new Error("the server gave another device than was asked for");
    return answer.tokens;
  }

  async newVault(): Promise<Vault> {
    try {
      this.#storage = await this.#environment.storage.create();
      this.#vault = await Vault.create(this.#storage);
      this.#lease = undefined;
      this.#lease = await this.#openLease(this.#vault);
    } catch (error) {
      this.#environment.log("warn", "storage can't be used", error);
      if (isQuotaError(error)) throw error;
      throw new Refusal("storage_unavailable", STORAGE_REFUSED);
    }
    this.views.patchSession({ storage: this.#storage.kind });
    return this.#vault;
  }

  // -- moulting ----------------------------------------------------------------------------------------------------

  /** Between two commands: those that come meanwhile wait. The page goes on showing what it showed. */
  async #moultWhenIdle(
    prepare: (storage: SessionStorage, vault: Vault) => Promise<SessionStorage> = (storage) =>
      Promise.resolve(storage),
  ): Promise<void> {
    const goOn = await this.#workspaceUse.pause();
    try {
      await this.exclusive(async () => {
        const [storage, vault] = [this.#storage, this.#vault];
        if (!this.#workspace || !storage || !this.#canMoult(vault)) return;
        const openRooms = this.views.openRooms();
        const from = await prepare(storage, vault);
        if (!(await this.#moult(this.#turns.signal, from))) return;
        await this.#goOnOrRetry();
        for (const roomId of openRooms) await this.#workspace?.run("room.open", { roomId });
      });
    } finally {
      goOn();
    }
  }

  #canMoult(vault: Vault | undefined): vault is Vault {
    return vault?.account?.cryptoMade === true && !vault.join && this.#storage?.successor !== undefined;
  }

  /**
   * Closes the session, moults, and opens what is stored: the new place, or the old one if that failed.
   * @param signal of the turn that this is part of
   * @param from the stored session in another form, which says where it moves
   * @returns whether it is open again
   */
  async #moult(signal: AbortSignal, from?: SessionStorage): Promise<boolean> {
    signal.throwIfAborted();
    const moved = this.#moveAndOpen(signal, from);
    this.#moving = moved.catch(() => {});
    try {
      await moved;
    } catch (error) {
      this.#storageProblem(error);
      return false;
    }
    // Whoever cut in takes over from here: nothing may be opened that they are about to destroy.
    signal.throwIfAborted();
    return true;
  }

  async #moveAndOpen(signal: AbortSignal, from?: SessionStorage): Promise<void> {
    const [storage, vault] = [this.#storage, this.#vault];
    if (!storage || !vault) throw this.#notReady();
    const record = await this.#moulting.record(vault);
    await this.#close("keep views");
    try {
      const noted = { ...record, at: this.#environment.now(), pruned: false };
      this.#storage = await moult(from ?? storage, noted, signal, this.#environment.log);
    } catch (error) {
      if (!signal.aborted) this.#environment.log("warn", "the store could not be moulted", error);
    }
    const opened = await Vault.open(this.#storage ?? storage);
    if (opened === "lost") throw new Error("the session could not be opened after a moult");
    this.#vault = opened;
    this.#lease = await this.#openLease(opened);
  }

  // -- ending ------------------------------------------------------------------------------------------------------

  /** [P7] Keys leave memory and nothing is shown; nothing is destroyed. */
  #lockSession(reason: DeadToken): void {
    const { account } = this.#vault ?? {};
    if (!account || this.#disposed) return;
    const message = lockMessage(reason);
    this.#environment.log("warn", `session locked: ${reason.errcode} ${reason.message}`);
    this.cutShort();
    this.views.show({ kind: "locked", userId: account.userId, message });
    const vault = this.#vault;
    this.#closing = (async () => {
      try {
        await vault?.patchAccount({ locked: message });
      } catch (error) {
        this.#environment.log("warn", "could not note the lock", error);
      }
      await this.#beforeClosing();
      await this.#close();
      this.#wipeGuard.watch(true);
      // Whoever comes back to a lock opens that first.
      if (this.appLock.isOn) return this.lockApp();
      this.#storage = placeOf(this.#storage);
      // The lease runs on: who does not sign in again loses the keys as anybody does who is out of contact.
      this.#lease?.start(undefined, (end) => this.#leaseEnded(end));
    })();
  }

  /** What a session that goes on later must not lose: what it was just told to send, and by what a wipe is judged. */
  async #beforeClosing(): Promise<void> {
    await within(COMMANDS_MS, this.#workspaceUse.idle()).catch((error: unknown) =>
      this.#environment.log("info", "a command did not end before the session was closed", error),
    );
    try {
      if (this.#vault) await this.#wipeGuard.learn(this.#vault);
    } catch (error) {
      this.#environment.log("warn", "could not read by what a wipe would be judged", error);
    }
  }

  /** [P7] An admin's signed word. What is shown goes at once; keys and all else without asking the server anything. */
  #obeyWipe(order: WipeOrder, target?: WipeTarget, from?: Sender): void {
    // It may come by two ways at once.
    if (this.#disposed || this.#wiping) return;
    this.#wiping = true;
    this.#environment.log("warn", `wiped by ${order.by}`);
    // Not `cutShort`: the crypto machine is still needed, for the answer.
    this.#turns.cutShort();
    this.views.show({ kind: "starting" });
    this.exclusive(async () => {
      const live = this.#live;
      const token = live?.tokens.accessToken;
      const userName = this.views.session.userId?.slice(1).split(":")[0];
      let answer: Awaited<ReturnType<typeof sealAnswer>> | undefined;
      try {
        await this.destroy(async () => {
          if (live && target && from) answer = await sealAnswer(live, from, target);
        });
      } catch (error) {
        return this.#storageProblem(error);
      }
      this.views.set("join", { step: "idle", canResume: false });
      this.signedOut(WIPED[order.mode], order.mode === "keys" ? userName : undefined);
      if (token === undefined) return;
      try {
        await answer?.(this.#environment, token);
      } catch (error) {
        this.#environment.log("info", "the admin could not be told of the wipe", error);
      }
      await tellServer(this.#environment, token);
    })
      .catch((error: unknown) => this.#environment.log("info", "a wipe was cut short", error))
      .finally(() => (this.#wiping = false));
  }

  /** Key material first, then everything else, then the server, if it can be reached. */
  async signOut(): Promise<{ serverTold: boolean }> {
    if (this.views.session.phase.kind === "other_tab") throw this.#notReady();
    // Where the server's half is missing, the tokens can be read all the same.
    const door = this.#storage && (await Door.open(placeOf(this.#storage)).catch(() => undefined));
    const { account, tokens = await this.#vault?.tokens() } = door?.values ?? {};
    const token = this.#live?.tokens.accessToken ?? tokens?.accessToken;
    await this.destroy();
    this.views.set("join", { step: "idle", canResume: false });
    this.signedOut();
    if (token !== undefined && account) await this.#dropHalfOf(account, token);
    return { serverTold: token !== undefined && (await tellServer(this.#environment, token)) };
  }

  /** The policy does not allow devices like this one. */
  #refuseStorage(): void {
    this.cutShort();
    this.exclusive(async () => {
      await this.signOut();
      this.signedOut(STORAGE_NOT_ALLOWED);
    }).catch((error: unknown) => this.#environment.log("warn", "this device could not be refused", error));
  }

  /** It opens nothing any more; without a network it stays, and does no harm. */
  async #dropHalfOf(account: Account, token: string): Promise<void> {
    const { fetch, baseUrl, log } = this.#environment;
    const request = <T>(method: "GET" | "PUT", path: string, body?: unknown) =>
      requestJson<T>(fetch, baseUrl, method, path, body, { token, timeoutMs: STEP_TIMEOUT_MS });
    await dropHalf(request, account).catch((error: unknown) =>
      log("info", "the server's half of the key could not be emptied", error),
    );
  }

  async takeOver(): Promise<void> {
    const { signal } = this.#turns;
    if (this.views.session.phase.kind !== "other_tab") return;
    if (!(await this.#lock.takeOver())) {
      throw new Refusal("conflict", "The other tab does not answer. Close it, then try again.");
    }
    this.views.show({ kind: "starting" });
    await this.#openStored(signal);
  }

  async #leaveToOtherTab(): Promise<void> {
    this.cutShort();
    await this.exclusive(async () => {
      await this.#beforeClosing();
      await this.#close();
      this.#storage = undefined;
      this.#lease = undefined;
      this.#wipeGuard.forget();
      this.views.show({ kind: "other_tab" });
    });
  }

  /** @param whileInMemory done once the root key is gone, before the rest is closed */
  async destroy(whileInMemory: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    const storage = this.#storage;
    const close = async () => {
      await within(STEP_TIMEOUT_MS / 2, whileInMemory()).catch((error: unknown) =>
        this.#environment.log("info", "something was left undone before closing", error),
      );
      await this.#close();
    };
    if (storage) await destroySession(this.#environment, storage, close);
    this.appLock.forget();
    this.#wipeGuard.forget();
    this.#storage = undefined;
    this.#lease = undefined;
  }

  /** Stops all that works on the store and lets go of its keys. What is stored stays. */
  async #close(views: "reset views" | "keep views" = "reset views"): Promise<void> {
    clearTimeout(this.#retry);
    this.#moulting.stop();
    this.#onlineUnlock.stop();
    this.#storageRule.stop();
    this.appLock.stop();
    const [live, vault] = [this.#live, this.#vault];
    this.#lease?.stop();
    this.#wipeGuard.stop();
    this.#wipes?.dispose();
    this.#wipes = undefined;
    await this.#stopWorkspace(views);
    this.#verification?.dispose();
    this.#verification = undefined;
    await this.#early?.stop();
    this.#early = undefined;
    live?.close();
    if (vault) await this.#lease?.save();
    this.#live = undefined;
    this.#encryption = undefined;
    vault?.close();
    this.#vault = undefined;
  }

  async #stopWorkspace(views: "reset views" | "keep views" = "reset views"): Promise<void> {
    const workspace = this.#workspace;
    this.#workspace = undefined;
    try {
      await workspace?.dispose();
    } catch (error) {
      this.#environment.log("warn", "the workspace did not stop cleanly", error);
    }
    if (views === "reset views") this.views.reset();
  }

  /** Ends what is under way at once, whatever it waits for. Requests of the session fail from here on. */
  cutShort(): void {
    this.#turns.cutShort();
    this.#live?.close();
  }

  // -- small things --------------------------------------------------------------------------------------------------

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.take(async (signal) => {
      // A lock writes itself down before anything else happens to what is stored.
      await this.#closing;
      // Cut short, a moult stops at its next step; until then nobody touches what it moves, and nobody destroys half.
      await this.#moving;
      signal.throwIfAborted();
      return work();
    });
  }

  authOptions() {
    const { baseUrl, fetch, now, browserName } = this.#environment;
    return { baseUrl, fetch, now, browserName, signal: this.#turns.signal };
  }

  signedOut(notice?: string, userName?: string): void {
    const { storage } = this.views.session;
    this.views.set("session", {
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

  publishWho(): void {
    const { account } = this.#vault ?? {};
    if (account) this.views.patchSession({ userId: account.userId, deviceId: account.deviceId });
  }

  #notReady(): Refusal {
    const { phase } = this.views.session;
    if (phase.kind === "locked" || phase.kind === "out_of_contact" || phase.kind === "no_start")
      return new Refusal("locked", phase.message);
    if (phase.kind === "app_locked")
      return new Refusal("locked", "Hearth is locked. Unlock it with your passphrase, then try again.");
    if (phase.kind === "other_tab")
      return new Refusal("conflict", "Hearth is open in another tab: use that one.");
    if (phase.kind === "storage_problem") return new Refusal("storage_unavailable", phase.message);
    return new Refusal("signed_out", "Sign in first.");
  }
}
