import { fromBase64, unpaddedBase64 } from "@hearth/protocol";
import type { Backend } from "../../sdk/patches.ts";
import type { MatrixClient } from "../../sdk/names.ts";
import { CryptoEvent } from "../../sdk/names.ts";
import type { KeyBackupInfo } from "../../sdk/names.ts";
import type { BackupView } from "../../contract/index.ts";
import { HttpFailure } from "../api.ts";
import type { BackupRole, Log, Records, SignedInSession, ViewStore } from "../api.ts";
import { deleteBackupKeyRows } from "../../sdk/backupKeyRows.ts";
import { restoreBackup } from "./backupRestore.ts";
import type { RestoreRecord } from "./backupRestore.ts";
import { Refusal } from "../failures.ts";
import { askOwnDevicesForSecrets, forgetBackup } from "../../sdk/client.ts";
import { backendOf } from "../../sdk/patches.ts";
import type { SessionStorage } from "../storage/storage.ts";
import type { Clock } from "../../work/clock.ts";
import { Backoff, Later } from "../../work/retry.ts";

/** A recovery key that opens this account's secret storage. */
export type RecoverySecret = { readonly keyId: string; readonly key: Uint8Array<ArrayBuffer> };

export type Parts = {
  readonly client: MatrixClient;
  readonly request: SignedInSession["request"];
  readonly records: Records;
  /** Deletes what the table says goes then. */
  readonly clear: (clearing: "role lost") => Promise<unknown>;
  readonly views: ViewStore;
  readonly storage: SessionStorage;
  readonly userId: string;
  /** Open: the SDK may speak to the server about key backups. */
  readonly gate: { open: boolean };
  readonly stopped: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks for a storage rotation. */
  readonly afterPrune: () => void;
};

/** A backup as the server tells it; whether it is ours is another matter. */
type Version = KeyBackupInfo & { readonly version: string };

const SECRET = "m.megolm_backup.v1";
const RETRY_MS = [2_000, 5_000, 15_000, 60_000] as const;
/** How often somebody who should have no backup looks whether another client made one. */
const LOOK_EVERY_MS = 10 * 60_000;
/** While the person is asked for the recovery key: they may be typing it on another device, and nothing tells this one. */
const LOOK_AGAIN_MS = 20_000;
const MOST_VERSIONS = 50;

/**
 * Key backup for those whose role has it, and for nobody else. The role comes from the org's state; every device of a
 * person follows it by itself, and each step looks at what is there first, so it may be cut off anywhere.
 *
 * - With the role, nothing is uploaded before the backup's key lies in secret storage: a backup that only one device
 *   could open is none. The recovery key for that is asked for, or kept from when it was made or typed until the role
 *   is known.
 * - Without it, the key leaves this device first, then every backup of the account is deleted, whoever made it. [P3]
 */
export class KeyBackup implements BackupRole {
  readonly #parts: Parts;
  readonly #crypto: Backend;
  #entitled: boolean | undefined;
  #rooms: () => readonly string[] = () => [];
  #shown: BackupView["state"] | undefined;
  #offered: RecoverySecret | undefined;
  #inUse: RecoverySecret | undefined;
  #again = false;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;
  readonly #backoff = new Backoff(RETRY_MS);
  readonly #next: Later;
  #roleLost: () => void = () => {};
  #restoring: { readonly version: string; readonly stop: AbortController } | undefined;
  readonly #onDevices = (userIds: string[]) => {
    if (userIds.includes(this.#parts.userId)) this.#poke();
  };
  readonly #onKey = () => this.#poke();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#next = new Later(parts.clock);
    this.#crypto = backendOf(parts.client);
    parts.client.on(CryptoEvent.DevicesUpdated, this.#onDevices);
    // Another device of this person handed over the backup's key, or the SDK found that its backup is gone.
    parts.client.on(CryptoEvent.KeyBackupDecryptionKeyCached, this.#onKey);
    parts.client.on(CryptoEvent.KeyBackupFailed, this.#onKey);
  }

  dispose(): void {
    this.#next.stop();
    this.#parts.gate.open = false;
    this.#offered = undefined;
    this.#inUse = undefined;
    this.#restoring?.stop.abort();
    const { client } = this.#parts;
    client.off(CryptoEvent.DevicesUpdated, this.#onDevices);
    client.off(CryptoEvent.KeyBackupDecryptionKeyCached, this.#onKey);
    client.off(CryptoEvent.KeyBackupFailed, this.#onKey);
  }

  /** For the SDK, while it reads or writes the backup's key in secret storage, and for nobody else. */
  get keyInUse(): RecoverySecret | undefined {
    return this.#inUse;
  }

  roleSays(says: boolean | "unknown", rooms: () => readonly string[]): void {
    this.#rooms = rooms;
    const entitled = says === "unknown" ? undefined : says;
    if (entitled === this.#entitled) return;
    this.#entitled = entitled;
    // At once: whatever the SDK has under way meets a shut gate.
    this.#parts.gate.open = entitled === true;
    if (entitled !== true) this.#restoring?.stop.abort();
    this.#poke();
  }

  onRoleLost(listener: () => void): void {
    this.#roleLost = listener;
  }

  /** A recovery key that was just made or typed. Held in memory until the role is known and it has been used. */
  offer(key: RecoverySecret): void {
    if (this.#entitled === false) return;
    this.#offered = key;
    this.#poke();
  }

  /** This device begins with no keys of what was before: without a backup, its person is told so. */
  async startedAnew(): Promise<void> {
    const value = this.#parts.clock.now();
    await this.#parts.records.write([{ collection: "began", key: "at", value }]);
  }

  async dismissNotice(): Promise<void> {
    await this.#parts.records.write([{ collection: "began", key: "at", remove: true }]);
    if (this.#entitled === false) this.#show({ state: "none" });
  }

  /** @throws Refusal refused where the role has no backup; whatever kept it from being turned on */
  async turnOn(key: RecoverySecret): Promise<void> {
    if (this.#entitled !== true)
      throw new Refusal("refused", "Your role has no key backup, so there is nothing to turn on.");
    this.offer(key);
    await this.#running;
    if (this.#failure) throw this.#failure;
  }

  // -- bringing it about ------------------------------------------------------------------------------------------

  #poke(): void {
    if (this.#entitled === undefined || this.#parts.stopped.aborted) return;
    this.#again = true;
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    this.#next.stop();
    const { stopped, log } = this.#parts;
    while (this.#again && !stopped.aborted) {
      this.#again = false;
      if (this.#entitled === undefined) break;
      try {
        await (this.#entitled === true ? this.#have() : this.#haveNone());
        this.#failure = undefined;
        this.#backoff.worked();
      } catch (error) {
        if (stopped.aborted) break;
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#backoff.failed();
        log("warn", "key backup could not be brought in step with the role", error);
      }
    }
    this.#running = undefined;
    if (stopped.aborted) return;
    const wanting = this.#shown === "needs_recovery_key";
    const { waitMs = wanting ? LOOK_AGAIN_MS : LOOK_EVERY_MS } = this.#backoff;
    this.#next.in(waitMs, () => this.#poke());
  }

  async #haveNone(): Promise<void> {
    const { client, storage, records, request, clear } = this.#parts;
    this.#offered = undefined;
    await forgetBackup(client);
    if ((await deleteBackupKeyRows(storage)) > 0) this.#parts.afterPrune();
    await clear("role lost");
    this.#roleLost();
    const began = await records.get<number>("began", "at");
    this.#show({ state: "none", ...(began === undefined ? {} : { unreadableBefore: began }) });
    const version = (each: Version) => `/_matrix/client/v3/room_keys/version/${each.version}`;
    let found = await this.#version();
    for (let deleted = 0; found && deleted < MOST_VERSIONS; deleted++) {
      if (this.#entitled !== false) return;
      await unlessGone(request("DELETE", version(found)));
      found = await this.#version();
    }
    if (await client.secretStorage.isStored(SECRET)) await client.secretStorage.store(SECRET, null);
  }

  async #have(): Promise<void> {
    const found = await this.#version();
    await this.#crypto.checkKeyBackupAndEnable();
    const held = found !== undefined && (await this.#crypto.isKeyBackupTrusted(found)).matchesDecryptionKey;
    const kept = await this.#isSecretKept();
    if (held && kept) {
      this.#offered = undefined;
      return this.#on(found);
    }
    const key = this.#offered;
    if (!key) {
      this.#show({
        state: "needs_recovery_key",
        reason: found && kept ? "locked" : found ? "unsafe" : "missing",
      });
      // Another device of this person may be online and have it.
      if (found && !held) await askOwnDevicesForSecrets(this.#parts.client);
      return;
    }
    this.#inUse = key;
    try {
      if (held) await this.#keepSecret();
      else if (!(found && kept && (await this.#load(found)))) await this.#make();
    } finally {
      this.#inUse = undefined;
    }
    // Two devices at once can cross: what counts is what the server has in the end.
    const now = await this.#version();
    const ours = now !== undefined && (await this.#crypto.isKeyBackupTrusted(now)).matchesDecryptionKey;
    if (!now || !ours || !(await this.#isSecretKept())) throw new Error("the backup is not what was written");
    if (this.#offered === key) this.#offered = undefined;
    await this.#on(now);
  }

  async #make(): Promise<void> {
    await this.#crypto.resetKeyBackup();
    // What this device has is in it: nothing to bring back here.
    const made = await this.#version();
    if (made) await this.#noteRestore({ version: made.version, rooms: [], restored: 0, done: true });
  }

  /** @returns false when the secret opens another backup than the server's, and so none */
  async #load(found: Version): Promise<boolean> {
    const secret = await this.#parts.client.secretStorage.get(SECRET);
    if (secret === undefined) return false;
    const bytes = fromBase64(secret);
    if (!bytes) throw new Error("the backup's key in secret storage is no base64");
    try {
      (await this.#crypto.getBackupDecryptor(found, bytes)).free();
    } catch {
      return false;
    }
    await this.#crypto.storeSessionBackupPrivateKey(bytes, found.version);
    await this.#crypto.checkKeyBackupAndEnable();
    return true;
  }

  async #keepSecret(): Promise<void> {
    const key = await this.#crypto.getSessionBackupPrivateKey();
    if (!key) throw new Error("the backup's key is not on this device");
    await this.#parts.client.secretStorage.store(SECRET, unpaddedBase64(key));
  }

  /** In secret storage, under the recovery key that counts. */
  async #isSecretKept(): Promise<boolean> {
    const { secretStorage } = this.#parts.client;
    const [kept, current] = [await secretStorage.isStored(SECRET), await secretStorage.getDefaultKeyId()];
    return kept !== null && current !== null && current in kept;
  }

  async #version(): Promise<Version | undefined> {
    return unlessGone(this.#parts.request<Version>("GET", "/_matrix/client/v3/room_keys/version"));
  }

  // -- restoring -----------------------------------------------------------------------------------------------------

  async #on(found: Version): Promise<void> {
    const before = await this.#parts.records.get<RestoreRecord>("backupRestore", "restore");
    if (before?.version === found.version && before.done) return this.#show({ state: "on" });
    if (this.#restoring?.version === found.version) return;
    const key = await this.#crypto.getSessionBackupPrivateKey();
    if (!key || this.#entitled !== true) return;
    const stop = new AbortController();
    this.#restoring = { version: found.version, stop };
    // Not awaited: it takes long, and the role may change meanwhile.
    void this.#restore(found, new Uint8Array(key), before, stop);
  }

  async #restore(
    info: Version,
    key: Uint8Array<ArrayBuffer>,
    before: RestoreRecord | undefined,
    stop: AbortController,
  ): Promise<void> {
    const { request, stopped, log } = this.#parts;
    const signal = AbortSignal.any([stop.signal, stopped]);
    try {
      await restoreBackup({
        crypto: this.#crypto,
        request,
        info,
        key,
        before,
        signal,
        rooms: this.#rooms,
        keep: (record) => this.#noteRestore(record),
        onProgress: (restored, total) => this.#show({ state: "restoring", restored, total }),
      });
      this.#show({ state: "on" });
    } catch (error) {
      if (signal.aborted) return;
      this.#backoff.failed();
      log("warn", "restoring the key backup was interrupted", error);
    } finally {
      key.fill(0);
      this.#restoring = undefined;
    }
    if (this.#backoff.failures > 0 && !signal.aborted) this.#next.in(RETRY_MS[1], () => this.#poke());
  }

  async #noteRestore(record: RestoreRecord): Promise<void> {
    await this.#parts.records.write([{ collection: "backupRestore", key: "restore", value: record }]);
  }

  #show(view: BackupView): void {
    const { views, stopped } = this.#parts;
    this.#shown = view.state;
    if (!stopped.aborted) views.set("backup", view);
  }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof HttpFailure && error.errcode === "M_NOT_FOUND") return undefined;
    throw error;
  }
}
