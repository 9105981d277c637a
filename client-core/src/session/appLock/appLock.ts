import { base64url, durationMs, fromBase64url } from "@hearth/protocol";
import type { LeaseRecord } from "@hearth/protocol";
import type { CommandArg } from "../../contract/index.ts";
import type { Log } from "../api.ts";
import { Refusal } from "../failures.ts";
import { ROOT_KEY_BYTES } from "../storage/storage.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { SessionState } from "../state.ts";
import type { PublishedViews } from "../views.ts";
import type { WipeNote } from "../wipe/context.ts";
import { Idle } from "./idle.ts";
import {
  addPasskey,
  changePassphrase,
  finishLocking,
  isUnlocked,
  lockRootKey,
  openByPasskey,
  openByPassphrase,
  readLock,
  removePasskey,
  unlockForGood,
} from "./keyLock.ts";
import type { LockRecord, UnlockedStorage } from "./keyLock.ts";
import { NEW_NOTES, readNotes, writeNotes } from "./lockNotes.ts";
import type { LockNotes } from "./lockNotes.ts";
import { MIN_PASSPHRASE } from "./passphraseKey.ts";
import { NO_TRIES, WAITS, counted, nextTryAt, wipes } from "./tries.ts";
import type { Waits } from "./tries.ts";
import type { Clock } from "../../work/clock.ts";
import { Turns } from "../../work/turns.ts";

export type AppLockHost = {
  readonly state: SessionState;
  readonly views: PublishedViews;
  readonly clock: Clock;
  readonly log: Log;
  /** Default: `WAITS`. */
  readonly waits?: Waits | undefined;
  /** Whether starting needs the server. */
  readonly needsServer: () => boolean;
  /** The place of the root key's own file, or of the lock in its stead. */
  readonly storage: () => SessionStorage | undefined;
  /** The session is read and written through this from now on. */
  readonly use: (storage: SessionStorage) => void;
  /** What is kept of the lease now. */
  readonly lease: () => LeaseRecord | undefined;
  /** [P7] By what a wipe is known: read anew, if it can be; `noteWipe` is told as well. */
  readonly learnWipe: () => Promise<WipeNote | undefined>;
  /** Closes the session, lets go of its keys and shows the lock page. */
  readonly lock: () => void;
  /** [P7] Destroys the keys, as at a sign-out. */
  readonly wipe: (notice: string) => Promise<void>;
};

const WRONG = "That is not the passphrase of this lock. Check capital letters and the keyboard’s language.";
const WIPED =
  "Somebody typed a wrong passphrase more often than your team allows, so this device destroyed its keys. What your team has is safe; only what this device had not sent yet is gone. Sign in again with your password and your recovery key: it then counts as a new device.";

/**
 * The app lock of one session: its root key lies on the disk under a passphrase alone, and is in memory only while the
 * person is there. All that the session reads and writes of its root key goes through `UnlockedStorage`.
 */
export class AppLock {
  readonly #host: AppLockHost;
  readonly #idle: Idle;
  #record: LockRecord | undefined;
  #notes: LockNotes = NEW_NOTES;
  readonly #noting = new Turns();
  #stopListening = () => {};

  constructor(host: AppLockHost) {
    this.#host = host;
    this.#idle = new Idle(host.clock, () => host.lock());
  }

  get isOn(): boolean {
    return this.#record !== undefined;
  }

  /** The lease as it stands in the clear beside the lock. */
  get lease(): LeaseRecord | undefined {
    return this.#notes.lease;
  }

  /** By what a wipe of this device is known without opening anything. */
  get wipe(): WipeNote | undefined {
    return this.#notes.wipe;
  }

  /**
   * Looks at a place that a start has found.
   * @returns whether its root key is under a lock
   * @throws what `signal` was aborted with: the place may be gone, or somebody else's, by then
   */
  async find(storage: SessionStorage, signal: AbortSignal): Promise<boolean> {
    this.stop();
    const record = await readLock(storage);
    signal.throwIfAborted();
    this.#record = record;
    if (!record) return false;
    // What was cut off when it was turned on or off.
    await finishLocking(storage);
    const notes = await readNotes(storage);
    signal.throwIfAborted();
    this.#notes = notes;
    return true;
  }

  /** The lock page, and nothing else. */
  show(): void {
    const { tries } = this.#notes;
    const at = nextTryAt(tries, this.#host.clock.now(), this.#waits);
    const wait = at > this.#host.clock.now() ? { nextTryAt: at } : {};
    const { credentialId, salt } = this.#record?.passkey ?? {};
    const passkey = credentialId && salt ? { passkey: { credentialId, salt: base64url(salt) } } : {};
    const { state } = this.#host;
    state.show({ kind: "app_locked", failed: tries.failed, ...wait, ...passkey });
    // Not even whose it is.
    const { userId: _, deviceId: __, displayName: ___, ...session } = state.current;
    state.replace(session);
  }

  /** For a session that runs now, until `stop`. */
  start(): void {
    this.#stopListening();
    const { state } = this.#host;
    const listening = [
      state.told.onPolicy(() => this.#followPolicy()),
      state.told.onPeople(() => this.#lookForWipeNote()),
    ];
    this.#stopListening = () => listening.forEach((stop) => stop());
    this.#followPolicy();
    this.#publish();
  }

  stop(): void {
    this.#stopListening();
    this.#idle.set(undefined);
  }

  /** The place is another one, or none. */
  forget(): void {
    this.stop();
    this.#record = undefined;
    this.#notes = NEW_NOTES;
  }

  /** Somebody is there. */
  touch(): void {
    this.#idle.touch();
  }

  /** @throws Refusal wrong_passphrase, rate_limited; invalid when there is nothing to unlock */
  async open(passphrase: string): Promise<SessionStorage> {
    const { storage, record } = this.#locked();
    return this.#try(storage, () => openByPassphrase(storage, record, passphrase));
  }

  /** @throws Refusal weak_password, conflict */
  async turnOn({ passphrase }: CommandArg<"lock.turnOn">): Promise<void> {
    const storage = this.#host.storage();
    if (!storage || this.isOn) throw new Refusal("conflict", "The app lock is on already.");
    checkPassphrase(passphrase);
    const wipe = await this.#host.learnWipe();
    const lease = this.#host.lease();
    const known = { ...(lease ? { lease } : {}), ...(wipe ? { wipe } : {}) };
    this.#notes = { ...NEW_NOTES, idleMs: FIRST_IDLE_MS, ...known };
    await this.#note(storage, this.#notes);
    const unlocked = await lockRootKey(storage, passphrase);
    this.#host.use(unlocked);
    this.#record = await readLock(storage);
    this.start();
  }

  /** @throws Refusal wrong_passphrase, rate_limited */
  async turnOff({ passphrase }: CommandArg<"lock.turnOff">): Promise<void> {
    const unlocked = await this.#sure(passphrase);
    this.#host.use(await unlockForGood(unlocked));
    this.#record = undefined;
    this.#notes = NEW_NOTES;
    this.#idle.set(undefined);
    this.#publish();
  }

  /** @throws Refusal wrong_passphrase, rate_limited, weak_password */
  async change({ current, next }: CommandArg<"lock.change">): Promise<void> {
    checkPassphrase(next);
    const unlocked = await changePassphrase(await this.#sure(current), next);
    this.#host.use(unlocked);
    this.#record = await readLock(unlocked.locked);
    this.#publish();
  }

  /** A passkey can't be guessed, so nobody waits for it and nothing is counted. @throws Refusal wrong_passphrase */
  async openByPasskey(prf: string): Promise<SessionStorage> {
    const { storage, record } = this.#locked();
    const unlocked = await openByPasskey(storage, record, secretOf(prf));
    if (!unlocked) throw new Refusal("wrong_passphrase", WRONG_PASSKEY);
    await this.#note(storage, { ...this.#notes, tries: NO_TRIES });
    return unlocked;
  }

  /** @throws Refusal wrong_passphrase, rate_limited, invalid */
  async addPasskey(arg: CommandArg<"lock.addPasskey">): Promise<void> {
    const passkey = {
      credentialId: arg.credentialId,
      salt: secretOf(arg.salt),
      prf: secretOf(arg.prf),
    };
    const sure = await this.#sure(arg.passphrase);
    const unlocked = await addPasskey(sure.locked, sure.record(), arg.passphrase, passkey);
    if (!unlocked) throw new Refusal("wrong_passphrase", WRONG);
    this.#host.use(unlocked);
    this.#record = unlocked.record();
    this.#publish();
  }

  async removePasskey(): Promise<void> {
    const { storage } = this.#locked();
    if (!isUnlocked(storage)) throw new Refusal("locked", "Unlock Hearth first.");
    const unlocked = await removePasskey(storage);
    this.#host.use(unlocked);
    this.#record = unlocked.record();
    this.#publish();
  }

  /** @throws Refusal locked; invalid */
  async setIdle({ idleMs }: CommandArg<"lock.setIdle">): Promise<void> {
    const { storage } = this.#locked();
    if (!isUnlocked(storage)) throw new Refusal("locked", "Unlock Hearth first.");
    if (idleMs !== null && !(Number.isFinite(idleMs) && idleMs >= SHORTEST_IDLE_MS))
      throw new Refusal("invalid", "Choose a time from the list.");
    const { idleMs: _, ...rest } = this.#notes;
    await this.#note(storage, idleMs === null ? rest : { ...rest, idleMs });
    this.#applyIdle();
  }

  /** The lease runs on while the key is locked, so it is kept where it can be read then. */
  async noteLease(lease: LeaseRecord): Promise<void> {
    const storage = this.#host.storage();
    if (this.isOn && storage) await this.#note(storage, { ...this.#notes, lease });
  }

  /** [P7] So that a program that is started under the lock hears of a wipe. Without the note it asks when it is opened. */
  async noteWipe(wipe: WipeNote): Promise<void> {
    const storage = this.#host.storage();
    if (!this.isOn || !storage || isSame(wipe, this.#notes.wipe)) return;
    try {
      await this.#note(storage, { ...this.#notes, wipe });
    } catch (error) {
      this.#host.log("warn", "by what a wipe is judged could not be noted beside the app lock", error);
    }
  }

  // -- small things --------------------------------------------------------------------------------------------------

  get #waits(): Waits {
    return this.#host.waits ?? WAITS;
  }

  #locked(): { storage: SessionStorage; record: LockRecord } {
    const storage = this.#host.storage();
    if (!storage || !this.#record) throw new Refusal("conflict", "The app lock is off.");
    return { storage, record: this.#record };
  }

  /** The passphrase once more, before the lock itself is changed: whoever finds an open screen must not do it. */
  async #sure(passphrase: string): Promise<UnlockedStorage> {
    const { storage } = this.#locked();
    const place = isUnlocked(storage) ? storage.locked : storage;
    // A storage rotation has written the root key anew since the record was read.
    const record = await readLock(place);
    if (!record) throw new Refusal("conflict", "The app lock is off.");
    return this.#try(storage, () => openByPassphrase(place, record, passphrase));
  }

  /** One try: counted on the disk before it is looked at, so that a page that is killed has not tried for free. */
  async #try(
    storage: SessionStorage,
    open: () => Promise<UnlockedStorage | undefined>,
  ): Promise<UnlockedStorage> {
    const now = this.#host.clock.now();
    const at = nextTryAt(this.#notes.tries, now, this.#waits);
    if (at > now) {
      this.#showTries();
      throw new Refusal("rate_limited", `That was wrong too often. ${waitSentence(at - now)}`);
    }
    const tries = counted(this.#notes.tries, now);
    await this.#note(storage, { ...this.#notes, tries });
    const unlocked = await open();
    // Cut short by a sign-out or a wipe, it must not touch what is there now.
    if (this.#host.storage() !== storage) throw new DOMException("cut short", "AbortError");
    if (unlocked) {
      await this.#note(storage, { ...this.#notes, tries: NO_TRIES });
      return unlocked;
    }
    if (wipes(tries, this.#notes.wipeAfter)) {
      this.#host.log("warn", "too many wrong tries at the app lock");
      await this.#host.wipe(WIPED);
      throw new Refusal("signed_out", WIPED);
    }
    this.#showTries();
    const next = nextTryAt(tries, this.#host.clock.now(), this.#waits) - this.#host.clock.now();
    throw new Refusal("wrong_passphrase", next > 0 ? `${WRONG} ${waitSentence(next)}` : WRONG);
  }

  #showTries(): void {
    if (this.#host.state.current.phase.kind === "app_locked") this.show();
  }

  /** One after the other: the lease is noted beside whatever else is done. */
  #note(storage: SessionStorage, notes: LockNotes): Promise<void> {
    this.#notes = notes;
    return this.#noting.take(() => writeNotes(storage, notes));
  }

  #followPolicy(): void {
    const policy = this.#host.state.told.policy;
    const storage = this.#host.storage();
    if (!this.isOn || !storage) return;
    if (policy) {
      const { wipeAfter: _, mostIdleMs: __, ...rest } = this.#notes;
      const wipe = Number(policy.lock_wipe_after);
      const wipeAfter = Number.isInteger(wipe) ? { wipeAfter: wipe } : {};
      const { lock_idle } = policy;
      const most = lock_idle === "off" ? undefined : durationMs(lock_idle);
      const notes = { ...rest, ...wipeAfter, ...(most === undefined ? {} : { mostIdleMs: most }) };
      if (JSON.stringify(notes) !== JSON.stringify(this.#notes))
        this.#note(storage, notes).catch((error: unknown) =>
          this.#host.log("warn", "the policy could not be noted beside the app lock", error),
        );
    }
    this.#applyIdle();
  }

  /** Which wipes count this device learns with the roster, perhaps after the lock was turned on. */
  #lookForWipeNote(): void {
    if (this.isOn && !this.#notes.wipe) void this.#host.learnWipe();
  }

  #applyIdle(): void {
    const { idleMs, mostIdleMs } = this.#notes;
    const times = [idleMs, mostIdleMs].filter((ms) => ms !== undefined);
    this.#idle.set(times.length === 0 ? undefined : Math.min(...times));
    this.#publish();
  }

  #publish(): void {
    const { idleMs, mostIdleMs } = this.#notes;
    this.#host.views.set("lock", {
      on: this.isOn,
      ...(this.isOn && idleMs !== undefined ? { idleMs } : {}),
      ...(this.isOn && mostIdleMs !== undefined ? { mostIdleMs } : {}),
      needsServer: this.#host.needsServer(),
      hasPasskey: this.#record?.passkey !== undefined,
    });
  }
}

const isSame = (a: WipeNote, b: WipeNote | undefined): boolean =>
  a.target === b?.target && a.newest === b.newest;

const WRONG_PASSKEY = "That passkey does not open this lock. Use the passphrase.";

/** 32 bytes in base64url. */
function secretOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64url(text);
  if (bytes?.length !== ROOT_KEY_BYTES)
    throw new Refusal("invalid", "The passkey gave something that Hearth can’t use. Try again.");
  return bytes;
}

const FIRST_IDLE_MS = 15 * 60_000;
const SHORTEST_IDLE_MS = 1_000;

function checkPassphrase(passphrase: string): void {
  if ([...passphrase].length < MIN_PASSPHRASE)
    throw new Refusal(
      "weak_password",
      `Use at least ${MIN_PASSPHRASE} characters; a few plain words are good.`,
    );
}

/** "Wait 2 minutes, then try again." */
export function waitSentence(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  const [count, unit] = seconds < 90 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return `Wait ${count} ${unit}${count === 1 ? "" : "s"}, then try again.`;
}
