import { rosterHead, RosterAsk, RosterTell, type SigningKey } from "@hearth/protocol";
import { ClientEvent, type ReceivedToDeviceMessage } from "../../sdk/names.ts";
import { CryptoEvent } from "../../sdk/names.ts";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { checkDevice, sendToDevices } from "../../sdk/toDevice.ts";
import { background } from "../../workspace/background.ts";
import { identityIn } from "../../sdk/identity.ts";
import type { RosterAuthority } from "./authority.ts";
import type { RosterBook } from "./book.ts";
import { Turns } from "../../work/turns.ts";

const MOST_TRIES = 3;

/**
 * One's own devices tell each other which roster to believe: a device that was not unlocked with the recovery key, or
 * from which the server held back what lies under it, asks those that know. Both sides speak only to devices that are
 * signed by an identity which this device knows for its own.
 */
export class OwnDevices {
  readonly #session: SignedInSession;
  readonly #book: RosterBook;
  readonly #authority: RosterAuthority;
  readonly #onTold: () => void;
  /** Whom this device has asked since it started, and for which key. */
  readonly #asked = new Set<string>();
  readonly #turns = new Turns();
  readonly #received = ({ message, encryptionInfo }: ReceivedToDeviceMessage) => {
    const from = encryptionInfo?.senderDevice;
    if (encryptionInfo?.sender !== this.#session.userId || from === undefined) return;
    const key = encryptionInfo.senderCurve25519KeyBase64;
    if (message.type === RosterAsk.type)
      this.#inTurn("telling an own device of the roster", () => this.#tell(from, key));
    if (message.type === RosterTell.type)
      this.#inTurn("hearing of the roster", () => this.#hear(from, key, message.content));
  };
  readonly #devices = (userIds: string[]) => {
    if (userIds.includes(this.#session.userId)) this.look();
  };

  /** @param onTold this device has learned which roster to believe */
  constructor(session: SignedInSession, book: RosterBook, authority: RosterAuthority, onTold: () => void) {
    this.#session = session;
    this.#book = book;
    this.#authority = authority;
    this.#onTold = onTold;
    session.client.on(ClientEvent.ReceivedToDeviceMessage, this.#received);
    session.client.on(CryptoEvent.DevicesUpdated, this.#devices);
  }

  dispose(): void {
    this.#session.client.off(ClientEvent.ReceivedToDeviceMessage, this.#received);
    this.#session.client.off(CryptoEvent.DevicesUpdated, this.#devices);
  }

  /** Asks those own devices that were not asked yet, if this one lacks what they may know. */
  look(): void {
    this.#inTurn("asking own devices for the roster", () => this.#ask());
  }

  /**
   * Whether this device doesn't know which roster to believe, or its signing key is not the one that the roster names:
   * another device of this person has put a new one there.
   * @param offered a key that would have to be that one
   */
  async #lacks(offered?: SigningKey): Promise<boolean> {
    if (this.#book.toCompare !== undefined) return true;
    const { publicKey } = await this.#session.rosterRecord.get();
    const named = this.#book.roster.current.get(this.#session.userId)?.signingKey;
    return named !== undefined && named !== publicKey && (offered === undefined || offered === named);
  }

  async #ask(): Promise<void> {
    if (!(await this.#lacks())) return;
    const { userId, deviceId } = this.#session;
    const devices = (await cryptoOf(this.#session.client).getUserDeviceInfo([userId])).get(userId);
    for (const other of devices?.keys() ?? []) {
      const about = `${other} ${this.#book.roster.current.get(userId)?.signingKey}`;
      if (other === deviceId || this.#asked.has(about) || !(await this.#isOwn(other))) continue;
      this.#asked.add(about);
      const sent = await this.#send(RosterAsk.type, other, RosterAsk.schema.parse({ v: 1 }));
      if (!sent) this.#asked.delete(about);
    }
  }

  async #tell(to: string, curve25519: string): Promise<void> {
    const { publicKey, privateKey } = await this.#session.rosterRecord.get();
    const { roster } = this.#book;
    if (roster.hashes.length === 0 || !(await this.#isOwn(to, curve25519))) return;
    const content = RosterTell.schema.parse({
      v: 1,
      pin: rosterHead(roster),
      public_key: publicKey,
      private_key: privateKey,
    });
    await this.#send(RosterTell.type, to, content, curve25519);
  }

  async #hear(from: string, curve25519: string, content: unknown): Promise<void> {
    const told = RosterTell.schema.safeParse(content);
    if (!told.success || !(await this.#lacks(told.data.public_key))) return;
    if (!(await this.#isOwn(from, curve25519))) return;
    const { pin, public_key: publicKey, private_key: privateKey } = told.data;
    await this.#session.rosterRecord.update(() => ({ v: 1, pin, publicKey, privateKey }));
    this.#onTold();
  }

  /** Signed by an identity that is this person's own for sure, not just in the server's word. */
  async #isOwn(deviceId: string, curve25519?: string): Promise<boolean> {
    const { client, userId } = this.#session;
    const crypto = cryptoOf(client);
    if (identityIn(await crypto.getUserVerificationStatus(userId)) !== "verified") return false;
    const signed = async () =>
      (await this.#authority.doubtDevice(userId, deviceId, curve25519)) === undefined;
    if (await signed()) return true;
    // It was perhaps signed a moment ago.
    await crypto.userHasCrossSigningKeys(userId, true);
    return signed();
  }

  /**
   * @param curve25519 the key that the device has to have
   * @returns whether it was sent
   */
  async #send(type: string, deviceId: string, content: object, curve25519?: string): Promise<boolean> {
    const { client, userId } = this.#session;
    // Of a device that was just set up, the own identity changes a last time about now: nothing would ask for it again.
    for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
      const device = await checkDevice(client, userId, deviceId);
      if (!device || !(await this.#isOwn(deviceId, curve25519))) return false;
      const mayHave = () => this.#isOwn(deviceId, device.curve25519);
      const sent = await sendToDevices(this.#session, type, [device], content, { mayHave });
      if (sent.length > 0) return true;
    }
    return false;
  }

  #inTurn(what: string, work: () => Promise<void>): void {
    if (this.#session.stopped.aborted) return;
    background(this.#session, what, this.#turns.take(work));
  }
}
