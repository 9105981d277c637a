import {
  isRosterAdmin,
  isSigned,
  UserId,
  type Roster,
  type RosterRole,
  type Statement,
} from "@hearth/protocol";
import type { MatrixClient } from "../../sdk/names.ts";
import type { OlmEncryptionInfo } from "../../sdk/names.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { identityIn } from "../../sdk/identity.ts";
import { followDevices, masterKeyOf } from "../../sdk/machine.ts";
import { verifyEd25519 } from "./stored.ts";

/** Why somebody's word does not count, or a device's. A closed list. */
export type Doubt =
  /** It came in the clear, or nobody can say from which device. */
  | "not_encrypted"
  /** The roster, as this device has checked it, does not name them an admin by the master key that they have. */
  | "not_an_admin"
  /** Their identity was replaced since this device (or its person) looked at it. */
  | "identity_changed"
  /** The device is not signed by its owner, or is not the one that it says it is. */
  | "device_not_signed";

/**
 * Whose word counts, for a grant or a wipe [P6] [P7] [P8]. It rests on what admins signed and on what the crypto
 * machine checked, never on state that a server could forge. Every question is asked anew: nothing is remembered.
 *
 * What it can't know: a statement of the roster that the server withholds. Somebody who was an admin in the newest
 * roster that this device has read counts as one.
 */
export class RosterAuthority {
  readonly #client: MatrixClient;
  readonly #roster: () => Roster;

  constructor(client: MatrixClient, roster: () => Roster) {
    this.#client = client;
    this.#roster = roster;
  }

  /** What the roster says of somebody, by the master key that they have; undefined when it doesn't list that one. */
  async roleOf(userId: UserId): Promise<RosterRole | undefined> {
    const entry = this.#roster().current.get(userId);
    return entry && entry.masterKey === (await masterKeyOf(this.#client, userId)) ? entry.role : undefined;
  }

  /** Undefined when this person is an admin on the roster and their identity is the one that was looked at. */
  async doubtAdmin(userId: UserId): Promise<Doubt | undefined> {
    await followDevices(this.#client, [userId]);
    if (!isRosterAdmin(this.#roster(), userId, await masterKeyOf(this.#client, userId)))
      return "not_an_admin";
    const status = await cryptoOf(this.#client).getUserVerificationStatus(userId);
    return identityIn(status) === "changed" ? "identity_changed" : undefined;
  }

  /**
   * Undefined when this device is one that its owner has signed.
   * @param curve25519 the key that it wrote with, if that is known: then it must be this device's
   */
  async doubtDevice(userId: UserId, deviceId: string, curve25519?: string): Promise<Doubt | undefined> {
    const crypto = cryptoOf(this.#client);
    await followDevices(this.#client, [userId]);
    const device = (await crypto.getUserDeviceInfo([userId])).get(userId)?.get(deviceId);
    const status = await crypto.getDeviceVerificationStatus(userId, deviceId);
    const same = curve25519 === undefined || device?.getIdentityKey() === curve25519;
    return device && same && status?.signedByOwner === true ? undefined : "device_not_signed";
  }

  /**
   * Undefined when a message between devices came, encrypted, from a signed device of an admin.
   * @param info what `ClientEvent.ReceivedToDeviceMessage` says beside the message; null for one in the clear
   */
  async doubtSender(info: OlmEncryptionInfo | null): Promise<Doubt | undefined> {
    const userId = UserId.safeParse(info?.sender).data;
    if (!info || userId === undefined || info.senderDevice === undefined) return "not_encrypted";
    return (
      (await this.doubtAdmin(userId)) ??
      (await this.doubtDevice(userId, info.senderDevice, info.senderCurve25519KeyBase64))
    );
  }

  /** See `adminWhoSigned`, by the roster as it stands. */
  adminWhoSigned(statement: Statement): Promise<UserId | undefined> {
    return adminWhoSigned(this.#roster(), statement);
  }
}

/**
 * The admin whose signing key this statement names, if that key signed it. The caller has parsed it, and looks itself at
 * org, purpose, time and what is said. Without a workspace the roster is `storedRoster`'s.
 * @returns undefined when it is no admin's, or not signed
 */
export async function adminWhoSigned(roster: Roster, statement: Statement): Promise<UserId | undefined> {
  const admin = roster.signers.get(statement.key);
  return admin !== undefined && (await isSigned(statement, verifyEd25519)) ? admin : undefined;
}
