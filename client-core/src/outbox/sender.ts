import type { Backend } from "../sdk/patches.ts";
import type { UserId } from "@hearth/protocol";
import {
  decideRequest,
  KEY_BLOCK_FIELD,
  Lifecycle,
  Message,
  sensitiveRoom,
  Snapshot,
  toMs,
  type LogEntryId,
  type NewEntry,
  type RoomId,
} from "@hearth/protocol";
import { MatrixEvent } from "../sdk/names.ts";
import { HttpFailure, type SignedInSession } from "../session/api.ts";
import { explainHttp, isQuotaError, STORAGE_FULL } from "../session/failures.ts";
import { kindOfFailure } from "../work/failure.ts";
import type { OutboundBlocks } from "../rooms/keys/outboundBlocks.ts";
import { isMember, permissionsOfUser, type Org } from "../org/org.ts";
import type { PolicyNow } from "../org/policy.ts";
import type { Recipients } from "../features/people/recipients.ts";
import type { Room } from "../rooms/room.ts";
import { requestIn, saidIn } from "../features/requests/projection.ts";
import type { RoomEndpoints } from "../rooms/endpoints.ts";
import type { Attempt, OutboxItem, Work } from "./items.ts";
import { isTooLarge, TOO_LARGE, toWire } from "./wire.ts";

export type SenderDeps = {
  readonly session: SignedInSession;
  readonly crypto: Backend;
  readonly recipients: Recipients;
  readonly blocks: OutboundBlocks;
  readonly endpoints: RoomEndpoints;
  readonly org: () => Org | undefined;
  readonly policy: PolicyNow;
  /** The time that memberships and permissions are judged at. */
  readonly orgNow: () => number;
  readonly room: (roomId: string) => Room | undefined;
  /** A room of this person's making that nothing was written in and nobody waits for, made at or after an instant. */
  readonly orphan: (madeSince: number) => RoomId | undefined;
  /** How many sync responses there have been. */
  readonly responses: () => number;
  readonly inRoom: (roomId: string) => readonly OutboxItem[];
  /** Who could not be invited, with the homeserver's sentence. */
  readonly onInvited: (localId: string, failed: ReadonlyMap<UserId, string>) => void;
};

const NOT_READY: Attempt = { kind: "not_ready" };
const UNANSWERED: Attempt = { kind: "unanswered" };
/** How long a newly invited person is waited for before the next event is encrypted, which they should read. */
const INVITE_ARRIVES_MS = 15_000;
/** How far the clocks of this device and the server may be apart when a room is looked for by its age. */
const CLOCK_TOLERANCE_MS = 300_000;

/** Does what an item of the outbox says, once. */
export class Sender {
  readonly #deps: SenderDeps;
  /** People invited by this client whom sync has not shown in the room yet, and since when. */
  readonly #expected = new Map<string, Map<UserId, number>>();
  /** The number of sync responses when a room's making got no answer. */
  readonly #lostAt = new Map<string, number>();

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  async send(item: OutboxItem, keep: (item: OutboxItem) => Promise<void>): Promise<Attempt> {
    try {
      return await this.#do(item, keep);
    } catch (error) {
      return this.#failed(error, item);
    }
  }

  #do(item: OutboxItem, keep: (item: OutboxItem) => Promise<void>): Promise<Attempt> {
    switch (item.work.kind) {
      case "create":
        return this.#create(item, item.work.invite, keep);
      case "invite":
        return this.#invite(item, item.work.userIds, keep);
      case "lifecycle":
        return this.#lifecycle(item, item.work.state, keep);
      case "message":
        return this.#encryptAndSend(item, Message.type, item.work.content, keep);
      case "entry":
        return this.#entry(item, item.work.entryId, item.work.entry, keep);
      case "snapshot":
        return this.#snapshot(item, item.work, keep);
    }
  }

  /**
   * Making a room can't be repeated safely: the homeserver makes another. So after a try whose answer was lost, a room
   * that sync has meanwhile brought, made by this person and empty, is taken for the one that was asked for.
   */
  async #create(
    item: OutboxItem,
    invite: readonly UserId[],
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const { org, session, endpoints, orphan, responses } = this.#deps;
    const here = org();
    const policy = this.#deps.policy();
    if (!here || !policy) return NOT_READY;
    const now = this.#deps.orgNow();
    const people = invite.filter((userId) => userId !== session.userId && isMember(here, userId, now));
    if (item.uncertain) {
      const lostAt = this.#lostAt.get(item.localId) ?? 0;
      if (responses() <= lostAt) return NOT_READY;
      const found = orphan(item.createdAt - CLOCK_TOLERANCE_MS);
      if (found !== undefined) {
        // The homeserver makes a room piece by piece, and sync may show it before its invites.
        this.#expect(found, people);
        return { kind: "sent", eventId: found };
      }
    }
    await keep({ ...item, state: { kind: "sending" } });
    try {
      const roomId = await endpoints.create(
        sensitiveRoom({
          type: "org.hearth.request",
          orgId: here.orgId,
          botUserId: here.botUserId,
          retentionMs: toMs(policy.retention),
          invite: people,
        }),
      );
      this.#expect(roomId, people);
      return { kind: "sent", eventId: roomId };
    } catch (error) {
      if (!(error instanceof HttpFailure) || !isLater(error)) this.#lostAt.set(item.localId, responses());
      throw error;
    }
  }

  async #invite(
    item: OutboxItem,
    userIds: readonly UserId[],
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const room = this.#deps.room(item.roomId);
    if (!room) return NOT_READY;
    await keep({ ...item, state: { kind: "sending" } });
    const failed = new Map<UserId, string>();
    for (const userId of userIds) {
      const membership = room.state.membership(userId);
      if (membership === "join" || membership === "invite") continue;
      try {
        await this.#deps.endpoints.invite(room.roomId, userId);
        this.#expect(room.roomId, [userId]);
      } catch (error) {
        if (!(error instanceof HttpFailure) || kindOfFailure(error) !== "refused") throw error;
        failed.set(userId, explainHttp(error)[1]);
      }
    }
    this.#deps.onInvited(item.localId, failed);
    return { kind: "sent", eventId: "" };
  }

  async #lifecycle(
    item: OutboxItem,
    state: "open" | "closed",
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const room = this.#deps.room(item.roomId);
    if (!room) return NOT_READY;
    // Without the power for it the state stays as it is: somebody with more, or the bot, keeps it in step.
    const needed = room.state.powerNeeded({ state: Lifecycle.type });
    if (room.state.power(this.#deps.session.userId) < needed) return { kind: "sent", eventId: "" };
    await keep({ ...item, state: { kind: "sending" } });
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room.roomId)}/state/${Lifecycle.type}/`;
    const content = Lifecycle.schema.parse({ state, at: item.createdAt });
    await this.#deps.session.request("PUT", path, content);
    return { kind: "sent", eventId: "" };
  }

  async #entry(
    item: OutboxItem,
    entryId: LogEntryId,
    entry: NewEntry,
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const room = this.#deps.room(item.roomId);
    if (!room) return NOT_READY;
    const content =
      item.sealed ??
      (await room.inTurn(() => Promise.resolve(this.#seal(room, item, entryId, entry.payload))));
    return this.#encryptAndSend({ ...item, sealed: content }, entry.type, content, keep);
  }

  async #snapshot(
    item: OutboxItem,
    { entryId, for: named }: Extract<Work, { kind: "snapshot" }>,
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const room = this.#deps.room(item.roomId);
    const org = this.#deps.org();
    const { session } = this.#deps;
    const { userId } = session;
    if (!room || !org) return NOT_READY;
    const decided = await room.inTurn(async () => {
      if (!requestIn(room)) await room.refold();
      const state = requestIn(room);
      if (!state) return undefined;
      const now = this.#deps.orgNow();
      const permissions = permissionsOfUser(org, userId, now);
      const decision = decideRequest(state, { kind: "snapshot" }, { userId, permissions }, now);
      const [entry] = decision.ok ? decision.entries : [];
      // The state and the envelope in one turn: nothing is folded between them.
      const payload = entry && { ...entry.payload, ...(named ? { for: named } : {}) };
      return payload && (item.sealed ?? this.#seal(room, item, entryId, payload));
    });
    // Not permitted, or nothing to sum up: nobody asked for it by name, so it goes without a word.
    if (!decided) return { kind: "sent", eventId: "" };
    return this.#encryptAndSend({ ...item, sealed: decided }, Snapshot.type, decided, keep);
  }

  /** Puts the envelope around an entry: what its device counts, and what it has seen. */
  #seal(room: Room, item: OutboxItem, id: LogEntryId, payload: object): Record<string, unknown> {
    const { userId, deviceId } = this.#deps.session;
    const folded = saidIn(room);
    const counters = folded?.counters ?? {};
    const key = `${userId}|${deviceId}`;
    const counted = Object.hasOwn(counters, key) ? (counters[key] ?? 0) : 0;
    const underWay = this.#deps
      .inRoom(item.roomId)
      .map((one) => (one.localId === item.localId ? 0 : Number(one.sealed?.["seq"] ?? 0)));
    const seq = Math.max(counted, ...underWay) + 1;
    return { ...payload, v: 1, id, device: deviceId, seq, at: item.createdAt, heads: folded?.heads ?? [] };
  }

  async #encryptAndSend(
    item: OutboxItem,
    type: string,
    content: object,
    keep: (item: OutboxItem) => Promise<void>,
  ): Promise<Attempt> {
    const { session, crypto, recipients, blocks } = this.#deps;
    const room = this.#deps.room(item.roomId);
    const sdkRoom = session.client.getRoom(item.roomId);
    if (!room || !sdkRoom || !this.#arrived(room) || !(await this.#canEncrypt(room))) return NOT_READY;
    recipients.guard(sdkRoom);
    await keep({ ...item, state: { kind: "sending" } });
    // Encrypted for each try anew: a ciphertext kept for later would outlive the session that it belongs to.
    const wire = await blocks.encrypt(room.roomId, async (block) => {
      const event = new MatrixEvent({
        type,
        room_id: item.roomId,
        sender: session.userId,
        event_id: `$${item.localId}`,
        content: { ...structuredClone(content), [KEY_BLOCK_FIELD]: block },
      });
      await crypto.encryptEvent(event, sdkRoom);
      return toWire(event.getWireContent());
    });
    if (!(await recipients.stillThose(room.roomId))) {
      await recipients.renewKeys(room.roomId);
      return { kind: "later", afterMs: 0 };
    }
    if (isTooLarge(wire)) return { kind: "refused", message: TOO_LARGE, canRetry: false };
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(item.roomId)}/send/m.room.encrypted/${item.txnId}`;
    const answer = await session.request<{ event_id?: unknown }>("PUT", path, wire);
    // Somebody on the way can say anything with a 200: then it is sent again, under the same transaction.
    if (typeof answer.event_id !== "string") throw new HttpFailure(0, "", "That is no answer to a message.");
    return { kind: "sent", eventId: answer.event_id };
  }

  async #canEncrypt(room: Room): Promise<boolean> {
    const { crypto, org } = this.#deps;
    return (
      org() !== undefined &&
      room.state.get("m.room.encryption") !== undefined &&
      (await crypto.isEncryptionEnabledInRoom(room.roomId))
    );
  }

  #expect(roomId: string, userIds: readonly UserId[]): void {
    const expected = this.#expected.get(roomId) ?? new Map<UserId, number>();
    for (const userId of userIds) expected.set(userId, this.#deps.session.now());
    this.#expected.set(roomId, expected);
  }

  /** Whether everybody whom this client invited is in the room as sync has it: else the key would miss them. */
  #arrived(room: Room): boolean {
    const expected = this.#expected.get(room.roomId);
    const now = this.#deps.session.now();
    for (const [userId, since] of expected ?? []) {
      if (room.state.membership(userId) !== "leave" || now - since > INVITE_ARRIVES_MS)
        expected?.delete(userId);
    }
    return !expected || expected.size === 0;
  }

  #failed(error: unknown, item: OutboxItem): Attempt {
    const { session } = this.#deps;
    if (!(error instanceof HttpFailure)) {
      if (session.stopped.aborted) return UNANSWERED;
      // The library's own requests (device lists, one-time keys, to-device), whatever was answered: nothing was sent yet.
      const isAborted = error instanceof Error && error.name === "AbortError";
      if (isAborted || kindOfFailure(error) !== "other") return UNANSWERED;
      if (isQuotaError(error)) return { kind: "refused", message: STORAGE_FULL, canRetry: true };
      session.log("error", `outbox: ${item.work.kind} could not be prepared`, error);
      return {
        kind: "refused",
        message: "This could not be encrypted. Try again; if it stays, reload Hearth.",
        canRetry: true,
      };
    }
    if (error.errcode === "M_TOO_LARGE" || error.status === 413)
      return { kind: "refused", message: TOO_LARGE, canRetry: false };
    if (isLater(error)) return { kind: "later", afterMs: error.retryAfterMs ?? 1_000 };
    return kindOfFailure(error) === "passes"
      ? UNANSWERED
      : { kind: "refused", message: explainHttp(error)[1], canRetry: true };
  }
}

/** Answered, and nothing done: too often, or a session that has to be unlocked first. */
function isLater(error: HttpFailure): boolean {
  return error.status === 429 || error.status === 401;
}
