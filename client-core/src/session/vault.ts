import type { LeaseRecord, LocalField } from "@hearth/protocol";
import { EncryptedRecords } from "../store/records.ts";
import type { StoredChange } from "../store/records.ts";
import { deriveKeys, newRootKey } from "./storage/rootKey.ts";
import type { SessionKeys } from "./storage/rootKey.ts";
import { databaseNames } from "./storage/storage.ts";
import type { SessionStorage } from "./storage/storage.ts";
import type { Account } from "./accountRecord.ts";
import type { JoinRecord } from "./setup/joinRecord.ts";
import type { RotationRecord } from "./rotation/due.ts";
import { newSigningKey } from "./rosterKeys.ts";
import type { RosterRecord } from "./rosterKeys.ts";
import type { TokenPair } from "./server/tokens.ts";
import { Turns } from "../work/turns.ts";

export type { Account } from "./accountRecord.ts";

/** Only what the data table has a row for can be saved. */
type Listed = LocalField extends infer Field
  ? Field extends `records.session.${infer Name}`
    ? Name
    : never
  : never;
type Named = Pick<
  {
    account: Account;
    tokens: TokenPair;
    lease: LeaseRecord;
    join: JoinRecord;
    "recovery-key": string;
    /** The crypto store's key once the root key is not the one that it was made with any more: 32 bytes. */
    "crypto-key": readonly number[];
    rotation: RotationRecord;
    roster: RosterRecord;
    /** Until the server's half, which nothing needs any more, was emptied for certain. */
    "server-half": true;
  },
  Listed
>;
export type VaultChanges = { readonly [Name in keyof Named]?: Named[Name] | null };

/**
 * The stored session, opened: the records with what the session itself keeps among them. Closing it lets go of the
 * keys; the root key stays where it is stored.
 */
export class Vault {
  readonly storage: SessionStorage;
  readonly records: EncryptedRecords;
  readonly keys: SessionKeys;
  #account: Account | undefined;
  #join: JoinRecord | undefined;
  readonly #rosterTurns = new Turns();

  private constructor(storage: SessionStorage, records: EncryptedRecords, keys: SessionKeys) {
    this.storage = storage;
    this.records = records;
    this.keys = keys;
  }

  static async create(storage: SessionStorage): Promise<Vault> {
    await storage.rootKey.write(newRootKey());
    const vault = await Vault.open(storage);
    if (vault === "lost") throw new Error("the root key could not be read back");
    return vault;
  }

  /** `lost` when the browser threw away a part: what is left can't be read by anybody. */
  static async open(storage: SessionStorage): Promise<Vault | "lost"> {
    const rootKey = await storage.rootKey.read();
    if (!rootKey) return "lost";
    const keys = await deriveKeys(rootKey);
    const records = await EncryptedRecords.open(storage.indexedDB, storage.databasePrefix, keys);
    const keptKey = await records.get<Named["crypto-key"]>("session", "crypto-key");
    if (keptKey) keys.cryptoStoreKey.set(keptKey);
    const vault = new Vault(storage, records, keys);
    vault.#account = storage.header
      ? storage.header.values.account
      : await records.get<Account>("session", "account");
    vault.#join = await records.get<JoinRecord>("session", "join");
    // To go on without them would look like a session that was lost, and destroy it.
    if (records.hasUnreadable) {
      records.close();
      throw new Error("what is stored of the session itself was written by another version");
    }
    const hasCryptoStore = await databaseExists(storage, databaseNames(storage.databasePrefix).crypto);
    if (hasCryptoStore !== undefined && hasCryptoStore !== (vault.#account?.cryptoMade ?? false)) {
      // A crypto store that is just being made is no loss: the account is there, and says that it isn't done.
      if (!(hasCryptoStore && vault.#account)) {
        records.close();
        return "lost";
      }
    }
    return vault;
  }

  get account(): Account | undefined {
    return this.#account;
  }

  get join(): JoinRecord | undefined {
    return this.#join;
  }

  tokens(): Promise<TokenPair | undefined> {
    const { header } = this.storage;
    if (header) return Promise.resolve(header.values.tokens);
    return this.records.get<TokenPair>("session", "tokens");
  }

  lease(): Promise<LeaseRecord | undefined> {
    const { header } = this.storage;
    if (header) return Promise.resolve(header.values.lease);
    return this.records.get<LeaseRecord>("session", "lease");
  }

  recoveryKey(): Promise<string | undefined> {
    return this.records.get<string>("session", "recovery-key");
  }

  rotation(): Promise<RotationRecord | undefined> {
    return this.records.get<RotationRecord>("session", "rotation");
  }

  /** Whether the server may have a half of the root key. */
  async hasServerHalf(): Promise<boolean> {
    return (await this.records.get<true>("session", "server-half")) ?? false;
  }

  roster(): Promise<RosterRecord | undefined> {
    return this.records.get<RosterRecord>("session", "roster");
  }

  /** Made when it is first needed; what the invite link of a join under way says is pinned with it. */
  async ownRoster(): Promise<RosterRecord> {
    const stored = await this.roster();
    const linked = this.#join?.link.roster ?? "new";
    if (stored && (linked === "new" || stored.pin !== "new")) return stored;
    return this.updateRoster((record) => (record.pin === "new" ? { ...record, pin: linked } : record));
  }

  /** One change after the other: each on what the last left. */
  updateRoster(change: (record: RosterRecord) => RosterRecord): Promise<RosterRecord> {
    return this.#rosterTurns.take(async () => {
      const stored = await this.roster();
      const before: RosterRecord = stored ?? { v: 1, pin: "new", ...(await newSigningKey()) };
      const record = change(before);
      await this.save({ roster: record });
      return record;
    });
  }

  /** Writes all of it or none; null removes. */
  async save(changes: VaultChanges): Promise<void> {
    const { header } = this.storage;
    const { account, tokens, lease, ...inside } = changes;
    if (header) {
      // None of them ever goes while the session lasts.
      await header.save({
        ...(account ? { account } : {}),
        ...(tokens ? { tokens } : {}),
        ...(lease ? { lease } : {}),
      });
    }
    await this.records.write(
      Object.entries(header ? inside : changes).map(([key, value]): StoredChange =>
        value === null ? { collection: "session", key, remove: true } : { collection: "session", key, value },
      ),
    );
    if (changes.account !== undefined) this.#account = changes.account ?? undefined;
    if (changes.join !== undefined) this.#join = changes.join ?? undefined;
  }

  async patchAccount(change: Partial<Account>): Promise<void> {
    if (!this.#account) throw new Error("nobody is signed in");
    await this.save({ account: { ...this.#account, ...change } });
  }

  close(): void {
    this.records.close();
    this.keys.cryptoStoreKey.fill(0);
  }
}

/** Undefined where the browser can't say. */
async function databaseExists(storage: SessionStorage, name: string): Promise<boolean | undefined> {
  if (typeof storage.indexedDB.databases !== "function") return undefined;
  return (await storage.indexedDB.databases()).some((database) => database.name === name);
}
