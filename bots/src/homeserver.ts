import type { CreateRoomBody, DeviceId, EventId, RoomId, UserId } from "@hearth/protocol";

/** An event as the homeserver tells it; the content is unchecked. */
export type RawEvent = {
  readonly event_id: EventId;
  readonly type: string;
  readonly sender: UserId;
  readonly origin_server_ts: number;
  readonly content: Readonly<Record<string, unknown>>;
  readonly state_key?: string;
};

/**
 * The few things that the bot may ask of the homeserver, and nothing else. Every method throws HomeserverError when
 * the server says no or can't be reached.
 */
export type Homeserver = {
  readonly userId: UserId;
  createRoom(body: CreateRoomBody): Promise<RoomId>;
  /** Absolute: writing the same again changes nothing for readers. */
  sendState(
    roomId: RoomId,
    type: string,
    stateKey: string,
    content: Readonly<Record<string, unknown>>,
  ): Promise<void>;
  /** @param transactionId the same one within half an hour sends nothing twice */
  sendEvent(
    roomId: RoomId,
    type: string,
    content: Readonly<Record<string, unknown>>,
    transactionId: string,
  ): Promise<void>;
  invite(roomId: RoomId, userId: UserId): Promise<void>;
  kick(roomId: RoomId, userId: UserId): Promise<void>;
  join(roomId: RoomId): Promise<void>;
  leave(roomId: RoomId): Promise<void>;
  /** Every room that the bot was ever in or invited to, with its membership. */
  memberships(): Promise<ReadonlyMap<RoomId, string>>;
  /** The room's state now, whether or not the bot is in it. */
  roomState(roomId: RoomId): Promise<RawEvent[]>;
  /** One state event, undefined if the room has none of that type and key. */
  stateEvent(roomId: RoomId, type: string, stateKey: string): Promise<RawEvent | undefined>;
  /**
   * The last events of these types, in the server's order, oldest first.
   * @param enough told of the newest events so far, newest first; reading back ends when it says so, or at the room's
   *   beginning
   */
  eventsBack(
    roomId: RoomId,
    types: readonly string[],
    enough: (soFar: readonly RawEvent[]) => boolean,
  ): Promise<RawEvent[]>;
  accountData(type: string): Promise<unknown>;
  setAccountData(type: string, content: Readonly<Record<string, unknown>>): Promise<void>;
  /** Asks the server to deliver at once what waited while the bot was away. */
  ping(): Promise<void>;

  /** A token that lets one account be made until `expiresAt`. One that exists already stays as it is; none if that is over. */
  createRegistrationToken(token: string, expiresAt: number): Promise<void>;
  /** Fine if there is none. */
  deleteRegistrationToken(token: string): Promise<void>;
  /** Makes everybody leave, and lets nobody come back; with `purge`, also drops what the room held. */
  deleteRoom(roomId: RoomId, options: { purge: boolean }): Promise<void>;
  /** Leaves a room in somebody's name: a room's creator can't be removed otherwise. */
  leaveAs(userId: UserId, roomId: RoomId): Promise<void>;
  /** Deletes all that somebody's clients backed up of their keys. @returns whether there was anything */
  deleteKeyBackups(userId: UserId): Promise<boolean>;
  /** Empties the server's half of a device's root key. Fine if there is none. Refused for an account that is locked. */
  emptyServerHalf(userId: UserId, deviceId: DeviceId): Promise<void>;
  /** Signs a device out. Fine if there is none. */
  deleteDevice(userId: UserId, deviceId: DeviceId): Promise<void>;
  /** Deletes files at once. Addresses of what somebody else uploaded, or of nothing, are passed over. */
  deleteMedia(owner: UserId, media: readonly string[]): Promise<void>;
  /** Ends an account: its password, its devices, its memberships. */
  deactivate(userId: UserId): Promise<void>;
};

/** The server said no, or nothing. */
export class HomeserverError extends Error {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly errcode: string;
  /** How long the server asks to wait, if it does. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, errcode: string, message: string, retryAfterMs?: number) {
    super(message);
    this.name = "HomeserverError";
    this.status = status;
    this.errcode = errcode;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether asking again later may well succeed: no answer, an overloaded server, or one that is going down. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error is one that waiting may heal. */
export function isPassing(error: unknown): boolean {
  return error instanceof HomeserverError && error.passing;
}
