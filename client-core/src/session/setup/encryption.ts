import { CrossSigningKey } from "../../sdk/names.ts";
import { HttpFailure } from "../api.ts";
import { requestWithPassword, withPassword } from "../server/auth.ts";
import { Refusal } from "../failures.ts";
import type { RecoverySecret } from "../backup/keyBackup.ts";
import type { LiveSession } from "../live.ts";
import { InvalidRecoveryKey, newRecoveryKey, readRecoveryKey } from "../../sdk/recoveryKey.ts";
import { explainSlip } from "./recoveryKeySlip.ts";
import { newSigningKey, readRosterSecret, ROSTER_SECRET } from "../rosterKeys.ts";
import { readUia, sendOutgoingRequests, signedDeviceKeys } from "../../sdk/client.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import type { Vault } from "../vault.ts";
import { forgetWhomTheOldOneVerified } from "../../features/verification/ownIdentity.ts";

/** What a signed-in device still needs from the person: nothing, a first set-up, or the recovery key. */
export type EncryptionNeed = "nothing" | "new" | "unlock";

type State = {
  /** The server has a cross-signing identity for this user. */
  readonly published: boolean;
  /** The identity's private keys are in this device's crypto store. */
  readonly held: boolean;
  /** … and, under a recovery key, in the server's secret storage. */
  readonly stored: boolean;
  /** This device is signed by the published identity. */
  readonly signed: boolean;
};

/**
 * Cross-signing and secret storage as one thing. They are several requests, and any of them can be the last one that
 * gets through: so each step looks at what is there and does what is missing. No key backup is made.
 */
export class Encryption {
  readonly #live: LiveSession;
  readonly #vault: Vault;

  constructor(live: LiveSession, vault: Vault) {
    this.#live = live;
    this.#vault = vault;
  }

  async need(): Promise<EncryptionNeed> {
    const state = await this.#look();
    if (!state.published) return "new";
    if (state.stored) {
      if (state.signed) return "nothing";
      if (!state.held) return "unlock";
      await this.#signThisDevice();
      return "nothing";
    }
    // Without stored private keys nobody can sign a further device. Who holds them can store them; else, for a device
    // that isn't signed either, only a new identity helps.
    return state.signed && !state.held ? "nothing" : "new";
  }

  /**
   * Creates what is missing and gives the recovery key, which is kept (encrypted) until the person says that they
   * saved it.
   * @throws Refusal needs_password or wrong_password where the server wants the password, conflict where this account
   *   already has a recovery key that works
   */
  async setUp(password: string | undefined): Promise<string> {
    const state = await this.#look();
    const shown = await this.#vault.recoveryKey();
    if (state.published && state.signed && state.stored && shown !== undefined) return shown;
    if (state.published && state.stored && !state.held && shown === undefined) {
      throw new Refusal(
        "conflict",
        "This account already has a recovery key. Enter it, or choose “I don’t have my recovery key”.",
      );
    }
    if (!state.published || !state.held) await this.#newIdentity(password);
    const recoveryKey = await this.#storePrivateKeys(shown);
    await this.#signThisDevice();
    await this.#expectComplete();
    return recoveryKey;
  }

  /** @throws Refusal wrong_recovery_key */
  async unlock(typed: string): Promise<void> {
    const live = this.#live;
    const { keyId, key } = await this.#opens(typed);
    live.secretStorageKey = { keyId, key };
    try {
      const cryptoApi = cryptoOf(live.client);
      await this.#look();
      await cryptoApi.bootstrapCrossSigning({
        authUploadDeviceSigningKeys: () =>
          Promise.reject(
            new Refusal(
              "conflict",
              "What is stored under this recovery key is incomplete. Choose “I don’t have my recovery key” to make a new one.",
            ),
          ),
      });
      await this.#signThisDevice();
      await this.#expectComplete();
      await forgetWhomTheOldOneVerified(live.client);
      const kept = readRosterSecret(await live.client.secretStorage.get(ROSTER_SECRET));
      if (kept) await this.#vault.save({ roster: kept });
      else await this.#keepRosterKey();
    } finally {
      live.secretStorageKey = undefined;
    }
    await live.keyBackup.startedAnew();
    live.keyBackup.offer({ keyId, key });
  }

  /**
   * For somebody who has a key backup by their role: reads it, or makes it, with the recovery key.
   * @throws Refusal wrong_recovery_key, refused where the role has none
   */
  async turnOnBackup(typed: string): Promise<void> {
    await this.#live.keyBackup.turnOn(await this.#opens(typed));
  }

  /** A new identity and a new recovery key. The password is checked before anything is given up. */
  async reset(password: string): Promise<string> {
    await this.#checkPassword(password);
    await this.#newIdentity(password);
    const recoveryKey = await this.#storePrivateKeys(undefined);
    await this.#signThisDevice();
    await this.#expectComplete();
    await forgetWhomTheOldOneVerified(this.#live.client);
    await this.#live.keyBackup.startedAnew();
    return recoveryKey;
  }

  /** The same identity under a new recovery key; the old one opens nothing afterwards. */
  async newRecoveryKey(password: string | undefined): Promise<string> {
    const state = await this.#look();
    if (!state.signed || !state.held) {
      throw new Refusal(
        "refused",
        "Only a device that was unlocked with the recovery key can make a new one. Use such a device, or choose “I don’t have my recovery key”.",
      );
    }
    await this.#checkPassword(password);
    // The old recovery key opened the old signing key too.
    const next = await newSigningKey();
    await this.#vault.updateRoster((record) => ({ ...record, next }));
    const recoveryKey = await this.#storePrivateKeys(undefined);
    this.#live.hasNewSigningKey();
    return recoveryKey;
  }

  /** The person has kept it: it is not shown again. */
  async forgetShownKey(): Promise<void> {
    const shown = await this.#vault.recoveryKey();
    if (shown !== undefined) this.#live.keyBackup.offer(await this.#opens(shown));
    await this.#keepRosterKeyAgain();
    await this.#vault.save({ "recovery-key": null });
  }

  async hasRecoveryKey(): Promise<boolean> {
    return (await cryptoOf(this.#live.client).getCrossSigningStatus()).privateKeysInSecretStorage;
  }

  /** The key that opens this account's secret storage. @throws Refusal wrong_recovery_key, not_found */
  async #opens(typed: string): Promise<RecoverySecret> {
    const { secretStorage } = this.#live.client;
    const stored = await secretStorage.getKey();
    if (!stored) {
      throw new Refusal(
        "not_found",
        "This account has no recovery key on the server. Choose “I don’t have my recovery key” to make a new one.",
      );
    }
    const [keyId, info] = stored;
    const fits = (key: Uint8Array<ArrayBuffer>) => secretStorage.checkKey(key, info);
    const key = await parseTyped(typed, fits);
    if (!(await fits(key))) {
      throw new Refusal(
        "wrong_recovery_key",
        "That is a recovery key, but not the newest one of this account. Look for a later copy.",
      );
    }
    return { keyId, key };
  }

  async #look(): Promise<State> {
    const { client, userId } = this.#live;
    const cryptoApi = cryptoOf(client);
    await sendOutgoingRequests(client);
    // The server's word, and not the SDK's: an identity that was made here and never got out counts there as existing.
    const published = await this.#publishedMasterKey();
    await cryptoApi.userHasCrossSigningKeys(userId, true);
    const status = await cryptoApi.getCrossSigningStatus();
    const { masterKey, selfSigningKey, userSigningKey } = status.privateKeysCachedLocally;
    const held = masterKey && selfSigningKey && userSigningKey;
    const ours = held && (await cryptoApi.getCrossSigningKeyId(CrossSigningKey.Master));
    return {
      published: published !== undefined,
      held: published !== undefined && ours === published,
      stored: status.privateKeysInSecretStorage,
      signed: await this.#isSigned(),
    };
  }

  async #isSigned(): Promise<boolean> {
    const { client, userId, deviceId } = this.#live;
    return (await cryptoOf(client).getDeviceVerificationStatus(userId, deviceId))?.signedByOwner ?? false;
  }

  /**
   * The master key that the server has for this user. On the way, sees to it that the server has this device's keys:
   * one that was deleted there and signed in again would else be forgotten, and others would encrypt nothing to it.
   */
  async #publishedMasterKey(): Promise<string | undefined> {
    const { request, client, userId, deviceId } = this.#live;
    const answer = await request<{
      device_keys?: Record<string, Record<string, unknown>>;
      master_keys?: Record<string, { keys: Record<string, string> }>;
    }>("POST", "/_matrix/client/v3/keys/query", { device_keys: { [userId]: [] } });
    // Somebody on the way can say anything with a 200; an answer without keys would look like an account without any.
    if (!answer.device_keys) throw new HttpFailure(0, "", "That is no answer to a query for keys.");
    if (answer.device_keys[userId]?.[deviceId] === undefined) {
      const deviceKeys = await signedDeviceKeys(client, userId, deviceId);
      await request("POST", "/_matrix/client/v3/keys/upload", { device_keys: deviceKeys });
    }
    return Object.values(answer.master_keys?.[userId]?.keys ?? {})[0];
  }

  async #newIdentity(password: string | undefined): Promise<void> {
    const { client, userId } = this.#live;
    // While a default key is named, the SDK would want to store the new private keys under it, and the old recovery
    // key opens nothing of use any more.
    if (await client.secretStorage.getDefaultKeyId()) await client.secretStorage.setDefaultKeyId(null);
    await cryptoOf(client).bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: (send) => withPassword(userId, password, (auth) => send(auth), readUia),
    });
    // A crash after this must not hand out the key that belonged to the identity before.
    if ((await this.#vault.recoveryKey()) !== undefined) await this.#vault.save({ "recovery-key": null });
  }

  /** @param again a recovery key from an attempt that was cut off */
  async #storePrivateKeys(again: string | undefined): Promise<string> {
    const { client } = this.#live;
    const cryptoApi = cryptoOf(client);
    const current = await this.#vault.recoveryKey();
    const key = again !== undefined && again === current ? readRecoveryKey(again) : newRecoveryKey();
    const { encoded } = key;
    // Saved before it is used: a recovery key that only the server's ciphertext knows would be lost.
    await this.#vault.save({ "recovery-key": encoded });
    this.#live.secretStorageKey = { key: key.bytes };
    try {
      await cryptoApi.bootstrapSecretStorage({
        setupNewSecretStorage: true,
        createSecretStorageKey: () =>
          Promise.resolve({ privateKey: key.bytes, encodedPrivateKey: encoded, keyInfo: {} }),
      });
      await this.#keepRosterKey();
    } finally {
      this.#live.secretStorageKey = undefined;
    }
    return encoded;
  }

  /** Under the recovery key, which is at hand for this moment. */
  async #keepRosterKey(): Promise<void> {
    const record = await this.#vault.ownRoster();
    await this.#live.client.secretStorage.store(ROSTER_SECRET, JSON.stringify(record));
  }

  /** Storing it may have been cut off; the recovery key is here for the last time. */
  async #keepRosterKeyAgain(): Promise<void> {
    const { client } = this.#live;
    const shown = await this.#vault.recoveryKey();
    const keyId = await client.secretStorage.getDefaultKeyId();
    if (shown === undefined || keyId === null) return;
    // The SDK's type lists its own names only; it takes any.
    const stored = await client.secretStorage.isStored(ROSTER_SECRET as "m.cross_signing.master");
    if (stored && keyId in stored) return;
    this.#live.secretStorageKey = { keyId, key: readRecoveryKey(shown).bytes };
    try {
      await this.#keepRosterKey();
    } finally {
      this.#live.secretStorageKey = undefined;
    }
  }

  async #signThisDevice(): Promise<void> {
    const { client, userId, deviceId } = this.#live;
    const cryptoApi = cryptoOf(client);
    // Fetches what the server has by now: the signature may have got there without our hearing of it.
    await cryptoApi.userHasCrossSigningKeys(userId, true);
    if (!(await this.#isSigned())) await cryptoApi.crossSignDevice(deviceId);
  }

  async #expectComplete(): Promise<void> {
    const state = await this.#look();
    if (state.published && state.stored && state.signed) return;
    throw new Refusal(
      "unexpected",
      "Encryption is not set up yet: it broke off. Nothing is lost; try again.",
    );
  }

  /** Deleting no devices changes nothing, and asks for the password all the same. */
  async #checkPassword(password: string | undefined): Promise<void> {
    const { request, userId } = this.#live;
    await requestWithPassword(request, userId, password, "POST", "/_matrix/client/v3/delete_devices", {
      devices: [],
    });
  }
}

async function parseTyped(
  typed: string,
  fits: (key: Uint8Array<ArrayBuffer>) => Promise<boolean>,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return readRecoveryKey(typed).bytes;
  } catch (error) {
    if (!(error instanceof InvalidRecoveryKey)) throw error;
    throw new Refusal("wrong_recovery_key", await explainSlip(typed, fits));
  }
}
