import { parseInviteLink } from "@hearth/protocol";
import type {
  ClientPort,
  CommandArg,
  CommandName,
  CommandValue,
  JoinView,
  Outcome,
  SessionView,
  Slice,
  Views,
} from "../contract/index.ts";
import { startWorkspace } from "../workspace/index.ts";
import { changePassword, readDevices, signOutDevice } from "./account.ts";
import type { SessionCommand, Workspace } from "./api.ts";
import { BAD_NAME, INVITE_USED, checkPassword, isTokenValid, passwordLogin } from "./auth.ts";
import { Encryption } from "./encryption.ts";
import type { Environment } from "./environment.ts";
import { Refusal, STORAGE_REFUSED, STORAGE_UNREADABLE, good, isQuotaError, toOutcome } from "./failures.ts";
import { DAMAGED, becomeMember, newJoin, registerOrSignIn } from "./join.ts";
import type { JoinRecord } from "./join.ts";
import { openLive } from "./live.ts";
import type { LiveSession } from "./live.ts";
import { destroySession, tellServer } from "./signOut.ts";
import { StorageRefused } from "./storage/storage.ts";
import type { SessionStorage } from "./storage/storage.ts";
import type { TabLock } from "./tabLock.ts";
import type { DeadToken } from "./tokens.ts";
import { Vault } from "./vault.ts";
import { PublishedViews } from "./views.ts";

type Handlers = { [Name in SessionCommand]: (arg: CommandArg<Name>) => Promise<CommandValue<Name>> };

/** How long to wait before asking again whether the server is there, growing. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * The client: which phase the session is in, and the way from each to the next. What is stored decides where a start
 * goes on; every step is written before it is relied upon.
 *
 * Session commands run one after the other. A lock (dead token) and a sign-out cut in: they abort what is running.
 */
export class HearthClient implements ClientPort {
  readonly #environment: Environment;
  readonly #views: PublishedViews;
  readonly #lock: TabLock;
  #queue: Promise<unknown> = Promise.resolve();
  /** Aborted to cut short the session command that is running. */
  #running = new AbortController();
  #storage: SessionStorage | undefined;
  #vault: Vault | undefined;
  #live: LiveSession | undefined;
  #encryption: Encryption | undefined;
  #workspace: Workspace | undefined;
  #closing: Promise<void> = Promise.resolve();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #retries = 0;
  #disposed = false;

  constructor(environment: Environment, views: PublishedViews = new PublishedViews()) {
    this.#environment = environment;
    this.#views = views;
    this.#lock = environment.makeLock(() => this.#leaveToOtherTab());
  }

  /** Opens what is stored. Resolves when the first phase is known; a join or set-up goes on afterwards. */
  start(): Promise<void> {
    return this.#exclusive(async () => {
      if (await this.#lock.acquire()) await this.#openStored();
      else this.#phase({ kind: "other_tab" });
    });
  }

  view<S extends Slice>(slice: S): Views[S] | undefined {
    return this.#views.get(slice);
  }

  subscribe(slice: Slice, listener: () => void): () => void {
    return this.#views.subscribe(slice, listener);
  }

  async run<Name extends CommandName>(
    name: Name,
    arg: CommandArg<Name>,
  ): Promise<Outcome<CommandValue<Name>>> {
    try {
      if (isSessionCommand(name)) {
        if (name === "session.signOut" || name === "session.takeOver") this.#cutShort();
        const handler = this.#handlers[name] as (arg: CommandArg<Name>) => Promise<CommandValue<Name>>;
        return good(await this.#exclusive(() => handler(arg)));
      }
      const workspace = this.#workspace;
      if (!workspace || this.#live?.stopped.aborted) throw notReady(this.#views.session.phase);
      return await workspace.run(name, arg);
    } catch (error) {
      const { phase } = this.#views.session;
      // What fails because the session locked meanwhile fails in many ways; one is the reason.
      const locked = phase.kind === "locked" && !(error instanceof Refusal);
      const outcome = toOutcome(locked ? notReady(phase) : error);
      if (!outcome.ok && outcome.code === "unexpected")
        this.#environment.log("error", `${name} failed`, error);
      return outcome;
    }
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#cutShort();
    await this.#exclusive(() => this.#close());
    this.#lock.release();
  }

  readonly #handlers: Handlers = {
    "session.signIn": (arg) => this.#signIn(arg),
    "session.signOut": () => this.#signOut(),
    "session.takeOver": () => this.#takeOver(),
    "join.look": async ({ link: text }) => {
      const link = parseInviteLink(text);
      if (!link) throw new Refusal("invite_damaged", DAMAGED);
      if (!(await isTokenValid(this.#environment, link.token))) throw new Refusal("invite_used", INVITE_USED);
      return { orgId: link.org };
    },
    "join.accept": (arg) => this.#acceptInvite(arg),
    "join.resume": () => this.#resumeJoin(),
    "encryption.setUp": async ({ password }) => {
      const recoveryKey = await this.#withEncryption().setUp(password);
      this.#phase({ kind: "setup", step: "show_key", recoveryKey });
      return { recoveryKey };
    },
    "encryption.confirmSaved": async () => {
      this.#withEncryption();
      await this.#vault?.save({ "recovery-key": null });
      await this.#goOn();
    },
    "encryption.unlock": async ({ recoveryKey }) => {
      await this.#withEncryption().unlock(recoveryKey);
      await this.#goOn();
    },
    "encryption.reset": async ({ password }) => {
      const recoveryKey = await this.#withEncryption().reset(password);
      if (!this.#workspace) this.#phase({ kind: "setup", step: "show_key", recoveryKey });
      return { recoveryKey };
    },
    "encryption.newRecoveryKey": async ({ password }) => ({
      recoveryKey: await this.#withEncryption().newRecoveryKey(password),
    }),
    "devices.refresh": () => this.#refreshDevices(),
    "devices.signOut": async ({ deviceId, password }) => {
      await signOutDevice(this.#withLive(), deviceId, password);
      await this.#refreshDevices();
    },
    "password.change": (arg) => changePassword(this.#withLive(), arg),
  };

  // -- starting ------------------------------------------------------------------------------------------------

  async #openStored(): Promise<void> {
    try {
      this.#storage = await this.#environment.storage.find();
      if (!this.#storage) return this.#signedOut();
      this.#views.patchSession({ storage: this.#storage.kind });
      const vault = await Vault.open(this.#storage);
      if (vault === "lost") return await this.#forgetLost(this.#storage);
      this.#vault = vault;
    } catch (error) {
      return this.#storageProblem(error);
    }
    const { account, join } = this.#vault;
    this.#publishWho();
    if (account?.locked !== undefined) {
      this.#phase({ kind: "locked", userId: account.userId, message: account.locked });
      await this.#close();
    } else if (account) {
      await this.#goOnOrRetry();
    } else if (join) {
      this.#phase({ kind: "joining" });
      this.#joinView(join, {});
      void this.run("join.resume", {});
    } else {
      // Left by a sign-in that did not come to its end.
      await this.#destroy();
      this.#signedOut();
    }
  }

  async #forgetLost(storage: SessionStorage): Promise<void> {
    await destroySession(this.#environment, storage, () => Promise.resolve());
    this.#storage = undefined;
    this.#signedOut(
      "This browser threw away the keys that Hearth stored in it, so this device can no longer read anything. Sign in again with your recovery key: it then counts as a new device.",
    );
  }

  #storageProblem(error: unknown): void {
    this.#environment.log("warn", "storage can't be used", error);
    const message = error instanceof StorageRefused ? STORAGE_REFUSED : STORAGE_UNREADABLE;
    this.#phase({ kind: "storage_problem", message });
  }

  /** From a stored account to wherever it can get: set-up, the rest of a join, ready. */
  async #goOn(): Promise<void> {
    const vault = this.#vault;
    if (!vault?.account) throw notReady(this.#views.session.phase);
    const live = (this.#live ??= await openLive(this.#environment, vault, this.#views, (reason) => {
      if (this.#vault === vault) this.#lockSession(reason);
    }));
    if (this.#vault !== vault) {
      live.close();
      throw notReady(this.#views.session.phase);
    }
    const encryption = (this.#encryption ??= new Encryption(live, vault));
    const shown = await vault.recoveryKey();
    if (vault.account.encryption !== "done" || shown !== undefined) {
      const need = await encryption.need();
      this.#views.patchSession({ connection: { kind: "connected" } });
      if (need === "nothing" && shown !== undefined) {
        return this.#phase({ kind: "setup", step: "show_key", recoveryKey: shown });
      }
      if (need !== "nothing") {
        if (vault.join) this.#joinView(vault.join, { step: "encryption" });
        return this.#phase({ kind: "setup", step: need });
      }
      await vault.patchAccount({ encryption: "done" });
    } else {
      void this.#checkEncryptionLater(live, encryption);
    }
    if (vault.join) {
      this.#phase({ kind: "joining" });
      await this.#finishJoin(live, vault);
    }
    if (!this.#workspace) {
      const workspace = await startWorkspace(live);
      if (live.stopped.aborted) {
        await workspace.dispose();
        throw notReady(this.#views.session.phase);
      }
      this.#workspace = workspace;
    }
    this.#views.patchSession({ phase: { kind: "ready" } });
  }

  /** The same for a start, where nobody waits for an outcome: without a server, tries again by itself. */
  async #goOnOrRetry(): Promise<void> {
    clearTimeout(this.#retry);
    try {
      await this.#goOn();
      this.#retries = 0;
    } catch (error) {
      if (this.#disposed || !this.#vault || this.#live?.stopped.aborted) return;
      if (this.#vault.join) return this.#joinBroke(this.#vault.join, error);
      const outcome = toOutcome(error);
      const message = outcome.ok ? "" : outcome.message;
      this.#environment.log("warn", "could not start", error);
      this.#views.patchSession({ connection: { kind: "waiting", message } });
      const wait = RETRY_MS[Math.min(this.#retries++, RETRY_MS.length - 1)];
      this.#retry = setTimeout(() => {
        this.#exclusive(() => this.#goOnOrRetry()).catch(() => {});
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
      await this.#exclusive(async () => {
        if (live.stopped.aborted) return;
        await this.#vault?.patchAccount({ encryption: "check" });
        await this.#stopWorkspace();
        this.#phase({ kind: "setup", step: need });
      });
    } catch (error) {
      this.#environment.log("info", "could not look up the state of encryption", error);
    }
  }

  // -- signing in ------------------------------------------------------------------------------------------------

  async #signIn(arg: { userName: string; password: string }): Promise<void> {
    const { phase } = this.#views.session;
    const user = arg.userName.trim().toLowerCase();
    if (phase.kind === "locked") return this.#signInAgain(phase.userId, user, arg.password);
    if (phase.kind !== "signed_out") throw new Refusal("conflict", "Somebody is signed in here already.");
    if (this.#vault) await this.#destroy();
    const vault = await this.#newVault();
    try {
      const { tokens, ...who } = await passwordLogin(this.#authOptions(), { user, password: arg.password });
      await vault.save({ account: { ...who, cryptoMade: false, encryption: "check" }, tokens });
    } catch (error) {
      await this.#destroy();
      throw error;
    }
    this.#publishWho();
    this.#phase({ kind: "starting" });
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
    const vault = this.#vault ?? (await Vault.open(this.#storage));
    if (vault === "lost") return this.#forgetLost(this.#storage);
    this.#vault = vault;
    const { account } = vault;
    if (!account) throw new Error("a locked session has an account");
    const { tokens, deviceId } = await passwordLogin(this.#authOptions(), {
      user: userId,
      password,
      deviceId: account.deviceId,
    });
    if (deviceId !== account.deviceId) throw new Error("the server gave another device than was asked for");
    // Whether the server still knows this device's keys is looked at anew.
    const { locked: _, ...unlocked } = account;
    await vault.save({ account: { ...unlocked, encryption: "check" }, tokens });
    this.#phase({ kind: "starting" });
    await this.#goOnOrRetry();
  }

  async #newVault(): Promise<Vault> {
    try {
      this.#storage = await this.#environment.storage.create();
      this.#vault = await Vault.create(this.#storage);
    } catch (error) {
      this.#environment.log("warn", "storage can't be used", error);
      if (isQuotaError(error)) throw error;
      throw new Refusal("storage_unavailable", STORAGE_REFUSED);
    }
    this.#views.patchSession({ storage: this.#storage.kind });
    return this.#vault;
  }

  // -- joining ---------------------------------------------------------------------------------------------------

  async #acceptInvite(arg: CommandArg<"join.accept">): Promise<void> {
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
    const { account, join } = this.#vault ?? {};
    if (account) {
      if (!join || account.userId.split(":")[0] !== `@${userName}`) {
        throw new Refusal("conflict", `${account.userId} is signed in here. Sign out first.`);
      }
      // Asked again, perhaps with a new link because the first one did not work.
      const { password: _, ...again } = asked;
      if (link.invite !== join.link.invite) await this.#vault?.save({ join: { ...again, step: "asking" } });
    } else {
      const vault = this.#vault ?? (await this.#newVault());
      // With the same link, the attempt that holds its token is gone on with, under whatever name.
      const registration = join?.link.invite === link.invite ? join.registration : undefined;
      await vault.save({ join: { ...asked, ...(registration === undefined ? {} : { registration }) } });
    }
    await this.#resumeJoin();
  }

  async #resumeJoin(): Promise<void> {
    const vault = this.#vault;
    const join = vault?.join;
    if (!vault || !join)
      throw new Refusal("not_found", "There is no join to go on with. Open the invite link.");
    this.#phase({ kind: "joining" });
    try {
      if (!vault.account) await this.#register(vault, join);
      await this.#goOn();
    } catch (error) {
      if (!this.#disposed) this.#joinBroke(vault.join ?? join, error);
      throw error;
    }
  }

  async #register(vault: Vault, join: JoinRecord): Promise<void> {
    this.#joinView(join, { step: "registering" });
    try {
      const { tokens, ...who } = await registerOrSignIn(this.#authOptions(), join, (registration) =>
        vault.save({ join: { ...join, registration } }),
      );
      const { password: _, registration: __, ...rest } = join;
      await vault.save({
        account: { ...who, cryptoMade: false, encryption: "check" },
        tokens,
        join: { ...rest, step: "asking" },
      });
      this.#publishWho();
    } catch (error) {
      if (error instanceof Refusal) {
        // Nothing was made: the person corrects what they typed. What holds the invite's token is kept for that.
        const correctable = ["name_taken", "bad_name", "weak_password"].includes(error.code);
        if (!correctable || vault.join?.registration === undefined) await this.#destroy();
        this.#signedOut();
      }
      throw error;
    }
  }

  async #finishJoin(live: LiveSession, vault: Vault): Promise<void> {
    await becomeMember({
      live,
      vault,
      signal: this.#running.signal,
      onStep: (step, message) =>
        vault.join && this.#joinView(vault.join, { step, ...(message === undefined ? {} : { message }) }),
    });
    this.#views.set("join", { step: "done", canResume: false });
  }

  #joinBroke(join: JoinRecord, error: unknown): void {
    const outcome = toOutcome(error);
    if (outcome.ok) return;
    const { phase } = this.#views.session;
    if (phase.kind === "signed_out") {
      return this.#views.set("join", { step: "failed", message: outcome.message, canResume: false });
    }
    if (phase.kind !== "joining") return;
    const final = ["invite_used", "invite_expired", "invite_damaged", "refused"].includes(outcome.code);
    this.#joinView(join, { message: outcome.message, ...(final ? { step: "failed" } : {}) });
  }

  #joinView(join: JoinRecord, change: Partial<JoinView>): void {
    const steps = {
      registering: "registering",
      asking: "asking",
      joining: "joining",
      profile: "joining",
    } as const;
    this.#views.set("join", { step: steps[join.step], canResume: true, ...change });
  }

  // -- ending ------------------------------------------------------------------------------------------------------

  /** [P7] Keys leave memory and nothing is shown; nothing is destroyed. */
  #lockSession({ errcode, message: said }: DeadToken): void {
    const { account } = this.#vault ?? {};
    if (!account || this.#disposed) return;
    const message =
      errcode === "M_USER_LOCKED"
        ? "An admin has locked this account. Your keys stay on this device. Ask an admin, then sign in again."
        : "The server asks you to sign in again. Your keys stay on this device, and you go on where you were.";
    this.#environment.log("warn", `session locked: ${errcode} ${said}`);
    this.#cutShort();
    this.#phase({ kind: "locked", userId: account.userId, message });
    const vault = this.#vault;
    this.#closing = (async () => {
      try {
        await vault?.patchAccount({ locked: message });
      } catch (error) {
        this.#environment.log("warn", "could not note the lock", error);
      }
      await this.#close();
    })();
  }

  async #signOut(): Promise<{ serverTold: boolean }> {
    const token = this.#live?.tokens.accessToken ?? (await this.#vault?.tokens())?.accessToken;
    await this.#destroy();
    this.#views.set("join", { step: "idle", canResume: false });
    this.#signedOut();
    return { serverTold: token !== undefined && (await tellServer(this.#environment, token)) };
  }

  async #takeOver(): Promise<void> {
    if (this.#views.session.phase.kind !== "other_tab") return;
    if (!(await this.#lock.takeOver())) {
      throw new Refusal("conflict", "The other tab does not answer. Close it, then try again.");
    }
    this.#phase({ kind: "starting" });
    await this.#openStored();
  }

  async #leaveToOtherTab(): Promise<void> {
    this.#cutShort();
    await this.#exclusive(async () => {
      await this.#close();
      this.#storage = undefined;
      this.#phase({ kind: "other_tab" });
    });
  }

  async #destroy(): Promise<void> {
    const storage = this.#storage;
    if (storage) await destroySession(this.#environment, storage, () => this.#close());
    this.#storage = undefined;
  }

  /** Stops all that works on the store and lets go of its keys. What is stored stays. */
  async #close(): Promise<void> {
    clearTimeout(this.#retry);
    const [live, vault] = [this.#live, this.#vault];
    await this.#stopWorkspace();
    live?.close();
    this.#live = undefined;
    this.#encryption = undefined;
    vault?.close();
    this.#vault = undefined;
  }

  async #stopWorkspace(): Promise<void> {
    const workspace = this.#workspace;
    this.#workspace = undefined;
    try {
      await workspace?.dispose();
    } catch (error) {
      this.#environment.log("warn", "the workspace did not stop cleanly", error);
    }
    this.#views.reset();
  }

  /** Ends what is under way at once, whatever it waits for. Requests of the session fail from here on. */
  #cutShort(): void {
    this.#running.abort(new DOMException("cut short", "AbortError"));
    this.#running = new AbortController();
    this.#live?.close();
  }

  // -- small things --------------------------------------------------------------------------------------------------

  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#queue
      // A lock writes itself down before anything else happens to what is stored.
      .then(() => this.#closing)
      .then(() => unlessAborted(work(), this.#running.signal));
    this.#queue = result.catch(() => {});
    return result;
  }

  async #refreshDevices(): Promise<void> {
    this.#views.set("devices", await readDevices(this.#withLive(), this.#withEncryption()));
  }

  #authOptions() {
    const { baseUrl, fetch, now, browserName } = this.#environment;
    return { baseUrl, fetch, now, browserName, signal: this.#running.signal };
  }

  #withLive(): LiveSession {
    if (!this.#live || this.#live.stopped.aborted) throw notReady(this.#views.session.phase);
    return this.#live;
  }

  #withEncryption(): Encryption {
    if (!this.#encryption || this.#live?.stopped.aborted) throw notReady(this.#views.session.phase);
    return this.#encryption;
  }

  #signedOut(notice?: string): void {
    const { storage } = this.#views.session;
    this.#views.set("session", {
      phase: { kind: "signed_out", ...(notice === undefined ? {} : { notice }) },
      permissions: [],
      isAdmin: false,
      connection: { kind: "connecting" },
      storage,
    });
  }

  #publishWho(): void {
    const { account } = this.#vault ?? {};
    if (account) this.#views.patchSession({ userId: account.userId, deviceId: account.deviceId });
  }

  /** Every phase but `ready` shows nothing of an org or a room. */
  #phase(phase: SessionView["phase"]): void {
    this.#views.reset();
    this.#views.patchSession({ phase, permissions: [], isAdmin: false });
  }
}

const SESSION_COMMANDS: Record<SessionCommand, true> = {
  "session.signIn": true,
  "session.signOut": true,
  "session.takeOver": true,
  "join.look": true,
  "join.accept": true,
  "join.resume": true,
  "encryption.setUp": true,
  "encryption.confirmSaved": true,
  "encryption.unlock": true,
  "encryption.reset": true,
  "encryption.newRecoveryKey": true,
  "devices.refresh": true,
  "devices.signOut": true,
  "password.change": true,
};

function isSessionCommand(name: CommandName): name is SessionCommand {
  return Object.hasOwn(SESSION_COMMANDS, name);
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function notReady(phase: SessionView["phase"]): Refusal {
  if (phase.kind === "locked") return new Refusal("locked", phase.message);
  return new Refusal("signed_out", "Sign in first.");
}
