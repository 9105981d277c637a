import {
  Message,
  MessageContent,
  namedBlock,
  type EventId,
  type RoomId,
  type UserId,
} from "@hearth/protocol";
import { MatrixEventEvent, type MatrixClient, type MatrixEvent } from "../sdk/names.ts";
import type { CryptoApi } from "../sdk/names.ts";
import { CryptoEvent, DecryptionFailureCode, EventShieldReason } from "../sdk/names.ts";
import { z } from "zod";
import type { RoomKeyRef } from "../session/api.ts";
import { cryptoOf } from "../sdk/patches.ts";
import { messageIndex } from "../sdk/megolm.ts";
import { decryptEvent, toMatrixEvent } from "../sdk/matrixEvent.ts";
import type { RawEvent } from "./rawEvent.ts";
import { refreshDevices } from "../sdk/machine.ts";

/** What stood inside an `m.room.encrypted` event, or why nobody can say. */
export type Opened =
  /**
   * An entry of the room's log: not yet believed, its projection looks at it. `sharedBy`: its key came by a grant, and
   * nobody but who gave it vouches for who wrote it.
   */
  | {
      readonly kind: "entry";
      readonly type: string;
      readonly content: unknown;
      readonly warning?: string;
      readonly sharedBy?: UserId;
    }
  | { readonly kind: "message"; readonly content: MessageContent; readonly warning?: string }
  /** Valid encryption, and something in it that no client of ours writes. */
  | { readonly kind: "refused"; readonly reason: string; readonly warning?: string }
  | { readonly kind: "unreadable"; readonly reason: string; readonly advice: string }
  /** Past the key window: not opened, or no longer kept. `passedOn`: what it says of its request was folded, if it could be. */
  | { readonly kind: "forgotten"; readonly passedOn: boolean };

/** What the decryptor asks about a session, each time it is to be used. [P3] */
export interface DecryptionWindow {
  /** Takes note of when it was used. @returns whether it is past the window, its key then about to go */
  see(key: RoomKeyRef, ...at: readonly (number | undefined)[]): boolean;
  /** A key that is not here, and what can't be opened for it. */
  lost?(key: RoomKeyRef, event: RawEvent): void;
  /** Whether the server's date for an event of this block can't be true. */
  doubts(block: number | undefined, serverTs: number): boolean;
  /**
   * Who gave this key, if it came by a grant, with their name, and from which message on its sender had given it. [P6]
   */
  sharedBy?(key: RoomKeyRef): { by: UserId; name: string; ownFrom?: number } | undefined;
}

export function sessionIdOf(event: RawEvent): string | undefined {
  const sessionId = event.content["session_id"];
  return event.type === "m.room.encrypted" && typeof sessionId === "string" ? sessionId : undefined;
}

/**
 * The one way from sealed to opened. It holds its own event objects and no room of the SDK's, so what it remembers
 * is what it is asked to remember. A key that arrives later is reported through `onLateKey`.
 */
export class Decryptor {
  readonly #client: MatrixClient;
  readonly #crypto: CryptoApi;
  readonly #window: DecryptionWindow;
  /** Whether what is called so in a ciphertext is an entry of some log. */
  readonly #isEntry: (type: string) => boolean;
  readonly #onLateKey: (roomId: RoomId, eventId: EventId) => void;
  /** Events that wait for their key, by room: the SDK tries them again and tells the object. */
  readonly #waiting = new Map<RoomId, Map<EventId, MatrixEvent>>();
  /** Events whose key is here and whose sender's device is not known or not signed, by sender. */
  readonly #doubted = new Map<string, Map<EventId, RoomId>>();
  /** Senders and sessions whose sender's devices were asked for because of it. */
  readonly #asked = new Set<string>();
  readonly #onDevices = (users: string[]) => users.forEach((userId) => this.#tryAgain(userId));
  readonly #onTrust = (userId: string) => this.#tryAgain(userId);

  constructor(
    client: MatrixClient,
    window: DecryptionWindow,
    isEntry: (type: string) => boolean,
    onLateKey: (roomId: RoomId, eventId: EventId) => void,
  ) {
    this.#client = client;
    this.#window = window;
    this.#isEntry = isEntry;
    this.#crypto = cryptoOf(client);
    this.#onLateKey = onLateKey;
    client.on(CryptoEvent.DevicesUpdated, this.#onDevices);
    client.on(CryptoEvent.UserTrustStatusChanged, this.#onTrust);
  }

  dispose(): void {
    this.#client.off(CryptoEvent.DevicesUpdated, this.#onDevices);
    this.#client.off(CryptoEvent.UserTrustStatusChanged, this.#onTrust);
    for (const roomId of this.#waiting.keys()) this.forget(roomId);
    this.#doubted.clear();
  }

  async open(roomId: RoomId, raw: RawEvent): Promise<Opened> {
    const sessionId = sessionIdOf(raw);
    const key = sessionId === undefined ? undefined : { roomId, sessionId };
    if (key && this.#window.see(key, raw.origin_server_ts)) return this.#forgotten(roomId, raw);
    const held = this.#waiting.get(roomId)?.get(raw.event_id);
    const event = held ?? toMatrixEvent(roomId, raw);
    // The SDK has mostly opened it by itself when its key came, and refuses to do so twice.
    if (!held || held.isDecryptionFailure() || held.getClearContent() === null)
      await decryptEvent(this.#client, event, held !== undefined);
    if (event.isDecryptionFailure()) {
      const reason = event.decryptionFailureReason;
      if (reason !== null && ABOUT_SENDER.has(reason)) this.#doubt(roomId, raw);
      else this.#wait(roomId, raw.event_id, event);
      if (key && reason === DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID)
        this.#window.lost?.(key, raw);
      return unreadable(event.decryptionFailureReason);
    }
    if (key && this.#window.see(key, namedBlock(event.getContent()))) return this.#forgotten(roomId, raw);
    this.#waiting.get(roomId)?.delete(raw.event_id);
    this.#doubted.get(raw.sender)?.delete(raw.event_id);
    return this.#believe(event, key);
  }

  /** For what an open request says, and for nothing that is shown: the last look before the key goes. */
  async openOnceMore(roomId: RoomId, raw: RawEvent): Promise<Opened> {
    const event = toMatrixEvent(roomId, raw);
    await decryptEvent(this.#client, event);
    const sessionId = sessionIdOf(raw);
    const key = sessionId === undefined ? undefined : { roomId, sessionId };
    return event.isDecryptionFailure()
      ? unreadable(event.decryptionFailureReason)
      : this.#believe(event, key);
  }

  async #believe(event: MatrixEvent, key: RoomKeyRef | undefined): Promise<Opened> {
    const shield = await this.#shieldOf(event);
    if (shield === EventShieldReason.MISMATCHED_SENDER)
      return { kind: "refused", reason: "Sent in somebody else's name: its key belongs to another person." };
    // Not left to the shield: the machine takes the sender that an imported key names for the one who wrote, and has
    // no doubt if that is a signed device.
    const shared = key && this.#window.sharedBy?.(key);
    if (shared && !(await this.#isOwnPart(event, shared.ownFrom)))
      return this.#read(
        event,
        `Shared by ${shared.name}, so nobody else can vouch for who wrote it.`,
        shared.by,
      );
    const isImported = shield === EventShieldReason.AUTHENTICITY_NOT_GUARANTEED;
    const aboutSender = shield === null || (shared && isImported) ? undefined : SHIELDS[shield];
    const isMisdated = this.#window.doubts(namedBlock(event.getContent()), event.getTs());
    return this.#read(event, aboutSender ?? (isMisdated ? MISDATED : undefined));
  }

  /**
   * Whether this device had the key for this message from the sender's own device, before a grant brought what is
   * older. The machine forgets that with the better copy, so what it no longer checks is checked here.
   */
  async #isOwnPart(event: MatrixEvent, ownFrom: number | undefined): Promise<boolean> {
    const index = messageIndex(event.getWireContent()["ciphertext"]);
    const [sender, senderKey] = [event.getSender(), event.getSenderKey()];
    if (ownFrom === undefined || index === undefined || index < ownFrom || !sender) return false;
    for (const [deviceId, device] of (await this.#crypto.getUserDeviceInfo([sender])).get(sender) ?? [])
      if (device.getIdentityKey() === senderKey)
        return (await this.#crypto.getDeviceVerificationStatus(sender, deviceId))?.signedByOwner === true;
    return false;
  }

  #forgotten(roomId: RoomId, raw: RawEvent): Opened {
    const events = this.#waiting.get(roomId);
    events?.get(raw.event_id)?.removeAllListeners(MatrixEventEvent.Decrypted);
    events?.delete(raw.event_id);
    this.#doubted.get(raw.sender)?.delete(raw.event_id);
    return { kind: "forgotten", passedOn: false };
  }

  /** Stops waiting for a room's late keys. */
  forget(roomId: RoomId): void {
    for (const event of this.#waiting.get(roomId)?.values() ?? [])
      event.removeAllListeners(MatrixEventEvent.Decrypted);
    this.#waiting.delete(roomId);
  }

  #wait(roomId: RoomId, eventId: EventId, event: MatrixEvent): void {
    const room = this.#waiting.get(roomId) ?? new Map<EventId, MatrixEvent>();
    this.#waiting.set(roomId, room);
    if (room.has(eventId)) return;
    room.set(eventId, event);
    event.on(MatrixEventEvent.Decrypted, () => {
      if (!event.isDecryptionFailure()) this.#onLateKey(roomId, eventId);
    });
  }

  /**
   * A key can be here before the sender's device list is: the SDK gives such an event up, and it would be shown as
   * somebody's unsigned device for ever. So the list is asked for anew, once for each session, for what the crypto
   * machine believes may be older than the signature; and each change of it is a reason to look again.
   */
  #doubt(roomId: RoomId, raw: RawEvent): void {
    const events = this.#doubted.get(raw.sender) ?? new Map<EventId, RoomId>();
    this.#doubted.set(raw.sender, events.set(raw.event_id, roomId));
    const asked = `${raw.sender} ${sessionIdOf(raw) ?? ""}`;
    if (this.#asked.has(asked)) return;
    this.#asked.add(asked);
    void refreshDevices(this.#client, [raw.sender]).then(
      () => this.#tryAgain(raw.sender),
      () => this.#asked.delete(asked),
    );
  }

  #tryAgain(sender: string): void {
    for (const [eventId, roomId] of this.#doubted.get(sender) ?? []) this.#onLateKey(roomId, eventId);
  }

  async #shieldOf(event: MatrixEvent): Promise<EventShieldReason | null> {
    const info = await this.#crypto.getEncryptionInfoForEvent(event);
    return info?.shieldReason ?? null;
  }

  /** Parses once, here: inside, values are already what their type says. */
  #read(event: MatrixEvent, warning: string | undefined, sharedBy?: UserId): Opened {
    const shown = warning === undefined ? {} : { warning };
    const shared = sharedBy === undefined ? {} : { sharedBy };
    const type = event.getType();
    const content = ClearContent.safeParse(event.getContent());
    if (this.#isEntry(type))
      return {
        kind: "entry",
        type,
        content: content.success ? content.data : undefined,
        ...shown,
        ...shared,
      };
    if (type === Message.type) {
      const message = MessageContent.safeParse(content.data);
      if (message.success) return { kind: "message", content: message.data, ...shown };
      return {
        kind: "refused",
        reason: "A message that no Hearth client writes: its content has the wrong form.",
        ...shown,
      };
    }
    return {
      kind: "refused",
      reason: "Something that this version of Hearth doesn't know. Ask its sender what it says.",
      ...shown,
    };
  }
}

const ClearContent = z.record(z.string(), z.unknown());

const ABOUT_SENDER: ReadonlySet<DecryptionFailureCode> = new Set([
  DecryptionFailureCode.UNSIGNED_SENDER_DEVICE,
  DecryptionFailureCode.UNKNOWN_SENDER_DEVICE,
  DecryptionFailureCode.SENDER_IDENTITY_PREVIOUSLY_VERIFIED,
]);

const NOT_FOR_THIS_DEVICE = {
  reason: "Sent before this device could read here.",
  advice: "Choose “Ask for access” above the messages, or read it on a device that you had then.",
};

const FAILURES: Partial<Record<DecryptionFailureCode, { reason: string; advice: string }>> = {
  [DecryptionFailureCode.MEGOLM_UNKNOWN_INBOUND_SESSION_ID]: {
    reason: "Its key has not reached this device.",
    advice:
      "It may still come by itself. If not, choose “Ask for access” above the messages, or ask the sender to write again.",
  },
  [DecryptionFailureCode.OLM_UNKNOWN_MESSAGE_INDEX]: NOT_FOR_THIS_DEVICE,
  [DecryptionFailureCode.HISTORICAL_MESSAGE_NO_KEY_BACKUP]: NOT_FOR_THIS_DEVICE,
  [DecryptionFailureCode.HISTORICAL_MESSAGE_BACKUP_UNCONFIGURED]: NOT_FOR_THIS_DEVICE,
  [DecryptionFailureCode.HISTORICAL_MESSAGE_WORKING_BACKUP]: {
    reason: "Sent before this device was signed in, and its key has not come from your backup.",
    advice:
      "If your backup has it, it becomes readable by itself. If it stays so, your backup has no key for it.",
  },
  [DecryptionFailureCode.HISTORICAL_MESSAGE_USER_NOT_JOINED]: {
    reason: "Sent before you were in this room.",
    advice: "Ask somebody who was there. The request's summary holds what counts.",
  },
  [DecryptionFailureCode.MEGOLM_KEY_WITHHELD_FOR_UNVERIFIED_DEVICE]: {
    reason: "The sender's app gives no keys to this device, because it isn't signed by you.",
    advice: "Unlock this device with your recovery key under Devices, then ask the sender to write again.",
  },
  [DecryptionFailureCode.MEGOLM_KEY_WITHHELD]: {
    reason: "The sender's app did not give you the key.",
    advice:
      "If your encryption was reset, ask the sender to look at your name in the team list and accept it.",
  },
  [DecryptionFailureCode.UNSIGNED_SENDER_DEVICE]: {
    reason: "Sent from a device that its owner has not signed, so nobody knows whose it is.",
    advice: "Ask the sender to unlock that device with their recovery key and to write again.",
  },
  [DecryptionFailureCode.UNKNOWN_SENDER_DEVICE]: {
    reason: "Sent from a device that is not known, or no longer exists.",
    advice: "Ask the sender whether they wrote this.",
  },
  [DecryptionFailureCode.SENDER_IDENTITY_PREVIOUSLY_VERIFIED]: {
    reason: "The sender's identity has changed since it was verified.",
    advice: "Speak with the sender, then accept their new identity in the team list.",
  },
};

function unreadable(code: DecryptionFailureCode | null): Opened {
  const known = code === null ? undefined : FAILURES[code];
  return {
    kind: "unreadable",
    ...(known ?? {
      reason: "It could not be decrypted: damaged, or not written by a Hearth client.",
      advice: "Ask the sender to write again.",
    }),
  };
}

const MISDATED =
  "The date shown can’t be right: the sender’s app says that this was written on another day. Ask them when.";

/** Undefined: nothing the reader must know. That most people are not verified by emoji is no reason to warn of them. */
const SHIELDS: Partial<Record<EventShieldReason, string>> = {
  [EventShieldReason.UNSIGNED_DEVICE]: "From a device that its owner has not signed.",
  [EventShieldReason.UNKNOWN_DEVICE]: "From a device that is not known or no longer exists.",
  [EventShieldReason.AUTHENTICITY_NOT_GUARANTEED]:
    "Its key came from somewhere else than the sender, so nobody can vouch for who wrote it.",
  [EventShieldReason.VERIFICATION_VIOLATION]: "The sender's identity has changed since it was verified.",
  [EventShieldReason.UNKNOWN]: "Something is odd about how this was encrypted.",
};
