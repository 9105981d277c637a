import {
  ClientEvent,
  Direction,
  MatrixClient,
  MatrixEvent,
  MemoryStore,
  SyncState,
  type IEvent,
} from "matrix-js-sdk";
import {
  AllDevicesIsolationMode,
  decodeRecoveryKey,
  type CryptoApi,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { expectToStop } from "../../client-core/src/sdk/client.ts";
import { until } from "./server.ts";
import type { Member } from "./world.ts";

/** An encrypted event as the server has it, and what this client finds inside. */
export type RogueEvent = {
  readonly id: string;
  readonly sessionId: string;
  readonly raw: Partial<IEvent>;
  readonly readable: boolean;
  readonly content: Readonly<Record<string, unknown>>;
  readonly body: unknown;
};

/**
 * Somebody's own account in another client: the Matrix SDK alone, with none of Hearth's rules. It can encrypt validly
 * and say anything.
 */
export class Rogue implements AsyncDisposable {
  readonly client: MatrixClient;
  readonly #member: Member;

  private constructor(client: MatrixClient, member: Member) {
    this.client = client;
    this.#member = member;
  }

  /**
   * A new device of this member.
   * @param homeserverUrl Synapse's own port: what keeps it in bounds there is the module, not the proxy
   */
  static async signIn(homeserverUrl: string, member: Member): Promise<Rogue> {
    (logger as unknown as { setLevel(level: string, persist: boolean): void }).setLevel("silent", false);
    const answer = await fetch(`${homeserverUrl}/_matrix/client/v3/login`, {
      method: "POST",
      body: JSON.stringify({
        type: "m.login.password",
        identifier: { type: "m.id.user", user: member.userName },
        password: member.password,
      }),
    });
    const { access_token: accessToken, device_id: deviceId } = (await answer.json()) as {
      access_token: string;
      device_id: string;
    };
    const client = new MatrixClient({
      baseUrl: homeserverUrl,
      userId: member.userId,
      deviceId,
      accessToken,
      store: new MemoryStore(),
      disableVoip: true,
      cryptoCallbacks: {
        getSecretStorageKey: ({ keys }) => {
          const [id] = Object.keys(keys);
          return Promise.resolve(id === undefined ? null : [id, decodeRecoveryKey(member.recoveryKey)]);
        },
      },
    });
    const rogue = new Rogue(client, member);
    await client.initRustCrypto({ useIndexedDB: false });
    expectToStop(client);
    client.getCrypto()?.setDeviceIsolationMode(new AllDevicesIsolationMode(false));
    await client.startClient({ initialSyncLimit: 50 });
    await new Promise<void>((resolve) => {
      client.on(ClientEvent.Sync, (state) => {
        if (state === SyncState.Prepared || state === SyncState.Syncing) resolve();
      });
    });
    return rogue;
  }

  /**
   * With the owner's recovery key: others then take the device for theirs. Tried until its own identity has come down,
   * without which it can't sign.
   */
  async signDevice(): Promise<void> {
    await until("the rogue's device is signed", async () => {
      await this.#crypto.userHasCrossSigningKeys(this.#member.userId, true);
      return this.#crypto.bootstrapCrossSigning({}).then(
        () => true,
        () => false,
      );
    });
  }

  /** What somebody does who took over the account but has no recovery key: new cross-signing keys. */
  async replaceIdentity(): Promise<void> {
    const auth = (session?: string) => ({
      type: "m.login.password",
      identifier: { type: "m.id.user", user: this.#member.userId },
      password: this.#member.password,
      ...(session === undefined ? {} : { session }),
    });
    await this.#crypto.bootstrapCrossSigning({
      setupNewCrossSigning: true,
      authUploadDeviceSigningKeys: async (request) => {
        try {
          await request(null);
        } catch (error) {
          await request(auth((error as { data?: { session?: string } }).data?.session));
        }
      },
    });
  }

  /** A key backup as any other client makes it, its key under the owner's recovery key. */
  async makeBackup(): Promise<void> {
    await this.#crypto.resetKeyBackup();
  }

  /** Takes keys in, in the form of an export. */
  async importKeys(keys: Parameters<CryptoApi["importRoomKeys"]>[0]): Promise<void> {
    await this.#crypto.importRoomKeys(keys);
  }

  /** Opens the owner's backup with the recovery key, and puts into it what this device has. */
  async useBackup(): Promise<void> {
    await this.#crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    await this.#crypto.checkKeyBackupAndEnable();
  }

  async join(roomId: string): Promise<void> {
    await this.client.http.authedRequest(
      "POST" as never,
      `/join/${encodeURIComponent(roomId)}`,
      undefined,
      {},
    );
  }

  /** By the SDK's own call, which gives old keys along: what no client of ours does, and the check bans. */
  async inviteWithOldKeys(roomId: string, userId: string): Promise<void> {
    type Sharing = { invite(roomId: string, userId: string, options: object): Promise<unknown> };
    await (this.client as unknown as Sharing).invite(roomId, userId, { shareEncryptedHistory: true });
  }

  /** Encrypted as the room wants it, whatever it says. @returns the event's id */
  async sendEncrypted(roomId: string, type: string, content: Record<string, unknown>): Promise<string> {
    const { event_id } = await this.client.sendEvent(roomId, type as never, content as never);
    return event_id;
  }

  /** Past the SDK's encryption. @returns the server's answer */
  async sendPlain(
    roomId: string,
    type: string,
    content: Record<string, unknown>,
  ): Promise<{ status: number; errcode?: string; error?: string }> {
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${type}/${Math.random()}`;
    const answer = await fetch(this.client.baseUrl + path, {
      method: "PUT",
      headers: { authorization: `Bearer ${this.client.getAccessToken()}` },
      body: JSON.stringify(content),
    });
    return { status: answer.status, ...((await answer.json()) as object) };
  }

  /** The room's newest encrypted events as the server has them, newest first, and whether they can be read here. */
  async encrypted(roomId: string): Promise<RogueEvent[]> {
    const { chunk } = await this.client.createMessagesRequest(roomId, null, 50, Direction.Backward);
    const read = async (raw: Partial<IEvent>) => {
      const event = new MatrixEvent(raw);
      await this.client.decryptEventIfNeeded(event);
      const readable = !event.isDecryptionFailure();
      const content: Record<string, unknown> = event.getContent();
      const sessionId = String(event.getWireContent()["session_id"]);
      return {
        id: raw.event_id ?? "",
        sessionId,
        raw: structuredClone(raw),
        readable,
        content,
        body: content["body"],
      };
    };
    return Promise.all(chunk.filter((each) => each.type === "m.room.encrypted").map(read));
  }

  async newest(roomId: string): Promise<RogueEvent> {
    const [event] = await this.encrypted(roomId);
    if (!event) throw new Error("nothing encrypted stands in the room");
    return event;
  }

  /** Waits until a message with these words has come and could be read. */
  async reads(roomId: string, words: string): Promise<void> {
    const has = async () =>
      (await this.encrypted(roomId)).some(({ readable, body }) => readable && body === words);
    while (!(await has()))
      await new Promise<void>((resolve) => this.client.once(ClientEvent.Sync, () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.stopClient();
    await Promise.resolve();
  }

  get #crypto(): CryptoApi {
    const crypto = this.client.getCrypto();
    if (!crypto) throw new Error("crypto is not initialised");
    return crypto;
  }
}
