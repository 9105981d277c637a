import {
  EventId,
  hasKeyBackupAt,
  memberStateKey,
  MessageContent,
  toMs,
  UserId,
  type RoomId,
} from "@hearth/protocol";
import type { CryptoBackend } from "matrix-js-sdk/lib/common-crypto/CryptoBackend.js";
import type { CommandArg, CommandValue, Outcome } from "../contract/index.ts";
import type { SignedInSession, Workspace, WorkspaceCommand } from "../session/api.ts";
import { good, Refusal, toOutcome } from "../session/failures.ts";
import { cryptoOf } from "../session/sdk.ts";
import { AccessDesk } from "./access/access.ts";
import { background } from "./background.ts";
import { BotCommands } from "./botCommands.ts";
import { Door } from "./decrypt.ts";
import { tellCannotForget } from "./cannotForget.ts";
import { DeviceWatch } from "./deviceWatch.ts";
import { Joiner } from "./joiner.ts";
import { keyLife } from "./keys/keyLife.ts";
import { LateKeys } from "./lateKeys.ts";
import { isMember, members, type Org } from "./org.ts";
import { LifecycleRepair } from "./lifecycle.ts";
import { OrgCommands } from "./orgCommands.ts";
import { isLocalRoom } from "./outbox/items.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Sender } from "./outbox/sender.ts";
import { TOO_LARGE, willBeTooLarge } from "./outbox/wire.ts";
import { Publisher } from "./publisher.ts";
import { Recipients } from "./recipients.ts";
import { RequestCommands } from "./requestCommands.ts";
import type { Room } from "./room.ts";
import { RoomBook } from "./roomBook.ts";
import { KEYS_CHANGED, RosterAdmin } from "./roster/admin.ts";
import { RosterAuthority } from "./roster/authority.ts";
import { RosterBook } from "./roster/book.ts";
import { OwnDevices } from "./roster/ownDevices.ts";
import { roomEndpoints, type RoomEndpoints } from "./rooms.ts";
import { Snapshots } from "./snapshots.ts";
import { Sync, type RoomUpdate } from "./sync.ts";
import { Wipes } from "./wipe/wipes.ts";

const MOST_ALIASES = 200;

type Handlers = {
  [Name in WorkspaceCommand]: (arg: CommandArg<Name>) => Promise<CommandValue<Name>>;
};

/** Puts the parts together: what comes in goes to the book, what the book says goes to views, what people ask goes out. */
export class HearthWorkspace implements Workspace {
  readonly #session: SignedInSession;
  readonly #sync: Sync;
  readonly #book: RoomBook;
  readonly #recipients: Recipients;
  readonly #roster: RosterBook;
  readonly #rosterAdmin: RosterAdmin;
  /** Whose grants and wipes count. */
  readonly #authority: RosterAuthority;
  readonly #access: AccessDesk;
  readonly #ownDevices: OwnDevices;
  #listed: ReadonlySet<UserId> = new Set();
  readonly #joiner: Joiner;
  readonly #bot: BotCommands;
  readonly #lateKeys: LateKeys;
  readonly #keys: ReturnType<typeof keyLife>;
  readonly #handlers: Handlers;
  /** Real rooms of requests that began as local ones. */
  readonly #aliases = new Map<string, string>();
  #outbox!: Outbox;
  #snapshots!: Snapshots;
  #devices!: DeviceWatch;
  #lifecycle!: LifecycleRepair;
  #publisher!: Publisher;
  #loaded = false;
  #requests!: RequestCommands;
  readonly #org: OrgCommands;
  readonly #wipes: Wipes;
  #responses = 0;
  #roleTurn = 0;
  #complete = false;

  private constructor(session: SignedInSession) {
    this.#session = session;
    const endpoints = roomEndpoints(session.request.bind(session));
    this.#sync = new Sync(
      session.client,
      session.baseUrl,
      () => session.synced(),
      (rooms, complete) => this.#inBackground("taking in a sync response", this.#take(rooms, complete)),
    );
    const pause = (atLeastMs?: number) => this.#sync.connection.pause(session.stopped, atLeastMs);
    this.#lateKeys = new LateKeys(
      (roomId, eventIds) => void this.#book.change(roomId, (room) => room.retry(eventIds)),
    );
    const crypto = cryptoOf(session.client) as CryptoBackend;
    const door = new Door(
      session.client,
      {
        see: (key, ...at) => this.#keys.pruner.see(key, ...at),
        doubts: (block, at) => this.#keys.pruner.doubts(block, at),
        sharedBy: (key) => this.#access.sharedBy(key),
      },
      (roomId, eventId) => this.#lateKeys.add(roomId, eventId),
    );
    this.#book = new RoomBook(session, door, pause, {
      onChange: (rooms, orgChanged) => this.#changed(rooms, orgChanged),
      onEvents: (room, events) => this.#events(room, events),
      onInvite: (roomId, state) => this.#joiner.invited(roomId, state),
      onJoined: (roomId) => this.#joiner.settled(roomId),
      onGone: (roomId) => this.#inBackground("clearing the outbox", this.#outbox.roomGone(roomId)),
    });
    this.#roster = new RosterBook(session, () =>
      this.#inBackground("changing the roster", this.#rosterChanged()),
    );
    this.#authority = new RosterAuthority(session.client, () => this.#roster.roster);
    session.rosterRecord.onNewKey(() =>
      this.#inBackground("changing the signing key", this.#rosterAdmin.look()),
    );
    this.#ownDevices = new OwnDevices(session, this.#roster, this.#authority, () => this.#readRoster());
    this.#recipients = new Recipients({
      client: session.client,
      org: () => this.#book.org,
      roster: this.#roster,
      now: () => this.#book.now(),
      onChange: (userId) => this.#inBackground("changing recipients", this.#identityChanged(userId)),
    });
    this.#joiner = new Joiner(session.userId, endpoints, pause, session.log);
    this.#bot = new BotCommands(
      session,
      () => this.#book.org,
      () => this.#book.adminRoomId,
    );
    this.#rosterAdmin = new RosterAdmin({
      session,
      book: this.#roster,
      bot: this.#bot,
      org: () => this.#book.org,
      now: () => this.#book.now(),
      masterKeyOf: (userId) => this.#recipients.masterKeyOf(userId),
      ownMasterKey: async () => (await crypto.getCrossSigningKeyId()) ?? undefined,
    });
    this.#wipes = new Wipes({
      session,
      bot: this.#bot,
      roster: this.#roster,
      org: () => this.#book.org,
      seenAt: (userId, deviceId) => this.#devices?.of(userId, deviceId)?.at,
      now: () => this.#book.now(),
    });
    this.#access = new AccessDesk({
      session,
      book: this.#book,
      bot: this.#bot,
      authority: this.#authority,
      roster: this.#roster,
      recipients: this.#recipients,
      devices: () => this.#devices,
      window: () => this.#keys.window,
      pruner: () => this.#keys.pruner,
      pause,
      onGiven: (userId) => this.#snapshots.wantFor(userId),
    });
    this.#keys = keyLife(
      session,
      this.#book,
      () => this.#roster.roster.current.get(session.userId)?.role === "admin",
      this.#access.shared,
    );
    this.#org = new OrgCommands(session, this.#bot, this.#rosterAdmin, () => this.#orgOrRefuse());
    this.#handlers = this.#makeHandlers();
    this.#endpoints = endpoints;
    this.#crypto = crypto;
    this.#door = door;
    this.#pause = pause;
  }

  readonly #endpoints: RoomEndpoints;
  readonly #crypto: CryptoBackend;
  readonly #door: Door;
  readonly #pause: (atLeastMs?: number) => Promise<void>;

  static async open(session: SignedInSession): Promise<HearthWorkspace> {
    const workspace = new HearthWorkspace(session);
    await workspace.#load();
    return workspace;
  }

  start(): void {
    const { stopped, log } = this.#session;
    if (stopped.aborted) return;
    stopped.addEventListener("abort", () => void this.dispose(), { once: true });
    this.#sync.connection.onChange((view) => {
      this.#publisher.connection(view);
      if (view.kind === "connected") this.#outbox.poke();
    });
    this.#publisher.connection(this.#sync.connection.view);
    this.#publisher.everything();
    // Not awaited: without a server it takes long, and what is stored can be read meanwhile.
    this.#sync.start().catch((error: unknown) => log("error", "sync could not start", error));
  }

  async run<Name extends WorkspaceCommand>(
    name: Name,
    arg: CommandArg<Name>,
  ): Promise<Outcome<CommandValue<Name>>> {
    try {
      return good(await this.#handlers[name](arg));
    } catch (error) {
      const outcome = toOutcome(error);
      if (!outcome.ok && outcome.code === "unexpected")
        this.#session.log("error", `command ${name} failed`, error);
      return outcome;
    }
  }

  dispose(): Promise<void> {
    const quiet = this.#sync.stop();
    this.#snapshots.dispose();
    this.#lifecycle.dispose();
    this.#recipients.dispose();
    this.#wipes.dispose();
    this.#devices.dispose();
    this.#ownDevices.dispose();
    this.#lateKeys.dispose();
    this.#keys.pruner.dispose();
    this.#door.dispose();
    return this.#access.dispose(quiet);
  }

  async #load(): Promise<void> {
    const session = this.#session;
    const { records } = session;
    for (const [from, to] of (await records.get<[string, string][]>("misc", "aliases")) ?? [])
      this.#aliases.set(from, to);
    const sender = new Sender({
      session,
      crypto: this.#crypto,
      recipients: this.#recipients,
      blocks: this.#keys.blocks,
      endpoints: this.#endpoints,
      org: () => this.#book.org,
      orgNow: () => this.#book.now(),
      room: (roomId) => this.#book.rooms.get(roomId as RoomId),
      orphan: (since) => this.#orphan(since),
      responses: () => this.#responses,
      inRoom: (roomId) => this.#outbox.inRoom(roomId),
      onInvited: (localId, failed) => this.#requests.invited(localId, failed),
    });
    this.#outbox = await Outbox.load({
      records,
      send: (item, keep) => sender.send(item, keep),
      onBound: (from, to) => this.#bind(from, to),
      onChange: (rooms) => this.#outboxChanged(rooms),
      pause: this.#pause,
      background: (work) => background(session, "sending", work),
      stopped: session.stopped,
      now: () => session.now(),
      randomId: () => session.randomId(),
    });
    this.#devices = await DeviceWatch.load(session, () =>
      this.#publisher.rooms(new Set(this.#book.rooms.keys())),
    );
    this.#publisher = new Publisher(
      session,
      this.#book,
      this.#outbox,
      this.#recipients,
      this.#roster,
      this.#devices,
      this.#aliases,
      () => this.#keys.pruner.kept,
      (roomId) => this.#access.shared.lastsIn(roomId, this.#book.now()),
    );
    this.#requests = new RequestCommands(session, this.#book, this.#outbox, (id) => this.#resolve(id));
    this.#lifecycle = new LifecycleRepair(session.userId, this.#outbox, (what, work) =>
      this.#inBackground(what, work),
    );
    this.#snapshots = new Snapshots({
      session,
      org: () => this.#book.org,
      now: () => this.#book.now(),
      requests: () => this.#book.requests(),
      room: (roomId) => this.#book.rooms.get(roomId),
      outbox: this.#outbox,
    });
    await this.#roster.load();
    this.#listed = new Set(this.#roster.roster.current.keys());
    await this.#book.load();
    this.#wipes.publish();
    await this.#access.load();
    // Before anything is shown: what went past the window while this device was off.
    await this.#keys.pruner.start();
    this.#loaded = true;
  }

  async #take(updates: readonly RoomUpdate[], complete: boolean): Promise<void> {
    this.#responses += 1;
    const first = complete && !this.#complete;
    this.#complete ||= complete;
    await this.#book.take(updates, first);
    this.#joiner.look(this.#book.org, this.#book.now());
    if (first) await this.#firstComplete();
    this.#outbox.poke();
  }

  /** Every room has been seen once: the list is whole, and what waits may go out. */
  async #firstComplete(): Promise<void> {
    await this.#book.flush();
    if (this.#session.stopped.aborted) return;
    this.#publisher.loaded();
    this.#outbox.start();
    await this.#snapshots.start();
    this.#tellRole();
    const { org } = this.#book;
    if (org) this.#inBackground("telling what can't forget", tellCannotForget(this.#session, org));
    await this.#lookAtIdentities();
    this.#inBackground("looking after the roster", this.#rosterAdmin.look());
    this.#access.start();
    this.#ownDevices.look();
  }

  #tellRole(): void {
    this.#inBackground("following the role", this.#tellRoleNow());
  }

  /**
   * Only what the server says now counts: what is stored may be older than a change of role. And only together with the
   * roster: a server that forges a role talks nobody into a backup.
   */
  async #tellRoleNow(): Promise<void> {
    const { userId, keyBackup } = this.#session;
    const turn = ++this.#roleTurn;
    const signed = await this.#authority.roleOf(userId);
    const { org } = this.#book;
    if (turn !== this.#roleTurn || this.#session.stopped.aborted) return;
    if (!this.#complete || !org?.access.members.has(memberStateKey(userId))) return;
    const entitled = hasKeyBackupAt(org.access, userId, this.#book.now());
    const vouched = signed === "admin" || signed === "exporter";
    keyBackup.roleSays(entitled && !vouched ? "unknown" : entitled, () =>
      [...this.#book.rooms.values()]
        .toSorted((a, b) => b.digest.lastActivityAt - a.digest.lastActivityAt)
        .map(({ roomId }) => roomId),
    );
  }

  #changed(rooms: ReadonlySet<RoomId>, orgChanged: boolean): void {
    if (orgChanged) {
      this.#setLease();
      this.#keys.pruner.look();
      this.#publisher.everything();
      this.#wipes.publish();
      this.#tellRole();
      const { org } = this.#book;
      this.#readRoster();
      if (this.#complete) this.#inBackground("looking after the roster", this.#rosterAdmin.look());
      if (this.#complete) this.#access.look();
      this.#joiner.look(org, this.#book.now());
      this.#inBackground("looking at identities", this.#lookAtIdentities());
    } else {
      this.#publisher.list(rooms);
      this.#publisher.rooms(rooms);
    }
    for (const roomId of rooms) {
      const room = this.#book.rooms.get(roomId);
      if (!room || !this.#complete) continue;
      this.#snapshots.check(room);
      this.#lifecycle.check(room);
    }
    this.#outbox.poke();
  }

  #readRoster(): void {
    const { org } = this.#book;
    if (org) this.#inBackground("reading the roster", this.#roster.take(org));
  }

  #setLease(): void {
    const { policy } = this.#book.org ?? {};
    if (policy) this.#session.setLease(toMs(policy.lease));
  }

  #events(room: Room, events: readonly { event_id: string; transactionId?: string }[]): void {
    const ids = new Set(
      events.flatMap((event) => [event.event_id, ...(event.transactionId ? [event.transactionId] : [])]),
    );
    this.#inBackground("clearing the outbox", this.#outbox.arrived(room.roomId, ids));
    if (!room.isRequest) this.#bot.take(room.log.events.filter((event) => ids.has(event.event_id)));
  }

  #outboxChanged(rooms: ReadonlySet<string>): void {
    this.#publisher.outbox();
    this.#publisher.list(rooms);
    this.#publisher.rooms(rooms);
  }

  /** @returns what stores it, once the items themselves are stored under their new id */
  #bind(from: string, to: string): () => Promise<void> {
    this.#aliases.set(from, to);
    // Only screens that were open at the time and unsent items know local ids: old ones are of no use.
    for (const old of [...this.#aliases.keys()].slice(0, -MOST_ALIASES)) this.#aliases.delete(old);
    return () => this.#keepAliases(from, to);
  }

  async #keepAliases(from: string, to: string): Promise<void> {
    await this.#session.records.write([{ collection: "misc", key: "aliases", value: [...this.#aliases] }]);
    this.#outboxChanged(new Set([from, to]));
  }

  #orphan(since: number): RoomId | undefined {
    const claimed = new Set([...this.#outbox.items.map((item) => item.roomId), ...this.#aliases.values()]);
    return this.#book
      .requests()
      .find(
        (room) =>
          room.state.identity?.creator === this.#session.userId &&
          (room.state.identity.createdAt ?? 0) >= since &&
          !room.digest.hasContent &&
          !claimed.has(room.roomId),
      )?.roomId;
  }

  /** Somebody's identity was replaced, or accepted: who gets keys is not what it was. */
  async #identityChanged(userId: UserId): Promise<void> {
    // Before it is loaded there are no rooms, and nothing is published that could differ.
    if (!this.#loaded) return;
    if (userId === this.#session.userId) {
      this.#tellRole();
      this.#inBackground("looking after the roster", this.#rosterAdmin.look());
    }
    const rooms = this.#book.requests().filter((room) => room.state.membership(userId) !== "leave");
    for (const room of rooms) await this.#recipients.renewKeys(room.roomId);
    this.#publisher.team();
    this.#publisher.rooms(new Set(rooms.map((room) => room.roomId)));
  }

  /** Who gets keys is not what it was; who is new among them learns from summaries what requests say. */
  async #rosterChanged(): Promise<void> {
    if (!this.#loaded) return;
    const before = this.#listed;
    this.#listed = new Set(this.#roster.roster.current.keys());
    await this.#recipients.rosterChanged();
    this.#tellRole();
    this.#wipes.publish();
    this.#keys.pruner.look();
    this.#publisher.team();
    this.#publisher.rooms(new Set(this.#book.rooms.keys()));
    this.#outbox.poke();
    if (!this.#complete) return;
    this.#ownDevices.look();
    const added = [...this.#listed].filter((userId) => !before.has(userId));
    for (const userId of added) this.#snapshots.wantFor(userId);
    for (const userId of before) if (!this.#listed.has(userId)) await this.#identityChanged(userId);
    await this.#rosterAdmin.look();
  }

  async #lookAtIdentities(): Promise<void> {
    const { org } = this.#book;
    const now = this.#book.now();
    const current = org ? members(org).filter(({ userId }) => isMember(org, userId, now)) : [];
    const ids = new Set(current.map(({ userId }) => userId));
    for (const room of this.#book.requests()) for (const { userId } of room.state.people()) ids.add(userId);
    const found = await this.#recipients.look(ids);
    await this.#devices.lookFirst(ids.add(this.#session.userId));
    if (!found || this.#session.stopped.aborted) return;
    this.#tellRole();
    this.#publisher.team();
    this.#publisher.rooms(new Set(this.#book.rooms.keys()));
  }

  #inBackground(what: string, work: Promise<unknown>): void {
    background(this.#session, what, work);
  }

  #resolve(roomId: string): string {
    return this.#aliases.get(roomId) ?? roomId;
  }

  #room(roomId: string): Room | undefined {
    return this.#book.rooms.get(this.#resolve(roomId) as RoomId);
  }

  #orgOrRefuse(): Org {
    if (this.#book.org) return this.#book.org;
    throw new Refusal("conflict", "The organisation has not loaded yet. Try again in a moment.");
  }

  #makeHandlers(): Handlers {
    return {
      "request.open": (arg) => this.#requests.open(arg),
      "request.edit": (arg) => this.#requests.edit(arg),
      "request.setStatus": (arg) => this.#requests.setStatus(arg),
      "request.close": (arg) => this.#requests.close(arg),
      "request.reopen": (arg) => this.#requests.reopen(arg),
      "request.addPeople": (arg) => this.#requests.addPeople(arg),
      "request.addExamples": () => this.#requests.addExamples(),
      "room.open": ({ roomId }) => this.#openRoom(roomId),
      "room.close": ({ roomId }) => this.#closeRoom(roomId),
      "room.loadOlder": ({ roomId }) => this.#loadOlder(roomId),
      "room.markRead": async ({ roomId }) => {
        const room = this.#room(roomId);
        if (room) await this.#book.markRead(room);
      },
      "chat.send": (arg) => this.#say(arg),
      "outbox.retry": async ({ localId }) => {
        if (!(await this.#outbox.retry(localId)))
          throw new Refusal("not_found", "It is not waiting any more.");
      },
      "outbox.discard": async ({ localId }) => {
        if (!(await this.#outbox.discard(localId)))
          throw new Refusal("conflict", "It is being sent or has been sent, so it can't be taken back.");
      },
      "duty.set": (arg) => this.#org.setDuty(arg),
      "profile.save": (arg) => this.#org.saveProfile(arg),
      "invite.create": (arg) => this.#org.createInvite(arg),
      "invite.revoke": (arg) => this.#org.revokeInvite(arg),
      "role.grant": (arg) => this.#org.grantRole(arg),
      "role.revoke": (arg) => this.#org.revokeRole(arg),
      "member.remove": (arg) => this.#org.removeMember(arg),
      "policy.set": (arg) => this.#org.setPolicy(arg),
      "wipe.devices": (arg) => this.#wipes.devices(arg),
      "wipe.start": (arg) => this.#wipes.start(arg),
      "wipe.dismiss": (arg) => this.#wipes.dismiss(arg),
      "access.ask": (arg) => this.#access.ask(arg),
      "access.withdraw": (arg) => this.#access.withdraw(arg),
      "access.give": (arg) => this.#access.give(arg),
      "access.answerAlone": (arg) => this.#access.answerAlone(arg),
      "access.decline": (arg) => this.#access.decline(arg),
      "access.revoke": (arg) => this.#access.revoke(arg),
      "member.acceptIdentity": (arg) => this.#acceptIdentity(arg),
      "roster.sign": async ({ userId, says }) => {
        const who = UserId.safeParse(userId).data;
        if (who === undefined) throw new Refusal("not_found", "There is no such person.");
        await this.#rosterAdmin.follow(who, says);
      },
      "roster.believe": async ({ code }) => {
        await this.#roster.believe(code);
        this.#readRoster();
      },
      "member.dismissDevices": ({ userId }) => this.#devices.dismiss(userId as UserId),
    };
  }

  async #openRoom(roomId: string): Promise<void> {
    this.#publisher.open(roomId);
    const room = this.#room(roomId);
    if (!room) return;
    if (!room.request && room.isRequest) await this.#book.change(room.roomId, () => room.refold());
    this.#inBackground("looking at identities", this.#lookAtIdentities());
  }

  async #closeRoom(roomId: string): Promise<void> {
    this.#publisher.close(roomId);
    const room = this.#room(roomId);
    if (room && !this.#publisher.isOpen(room.roomId))
      await room.inTurn(() => Promise.resolve(room.letGoOfOlder()));
  }

  async #loadOlder(roomId: string): Promise<{ more: boolean }> {
    const room = this.#room(roomId);
    if (!room) return { more: false };
    const more = await room.inTurn(() => room.loadOlder());
    this.#publisher.rooms(new Set([room.roomId]));
    return { more };
  }

  async #say(arg: CommandArg<"chat.send">): Promise<CommandValue<"chat.send">> {
    const roomId = this.#resolve(arg.roomId);
    if (!this.#room(roomId) && !(isLocalRoom(roomId) && this.#outbox.inRoom(roomId).length > 0))
      throw new Refusal("not_found", "This request is not here (any more).");
    const reply = EventId.safeParse(arg.replyTo);
    const relation = reply.success ? { "m.relates_to": { "m.in_reply_to": { event_id: reply.data } } } : {};
    const content = MessageContent.safeParse({ msgtype: "m.text", body: arg.body, ...relation });
    if (!content.success)
      throw arg.body === ""
        ? new Refusal("invalid", "The message is empty.")
        : new Refusal("too_large", "The message is too long: at most 20,000 characters. Send it in parts.");
    if (willBeTooLarge(content.data)) throw new Refusal("too_large", TOO_LARGE);
    const [item] = await this.#outbox.add(roomId, [{ kind: "message", content: content.data }]);
    return { localId: item?.localId ?? "" };
  }

  async #acceptIdentity(arg: CommandArg<"member.acceptIdentity">): Promise<void> {
    const userId = UserId.safeParse(arg.userId).data;
    if (userId === undefined) throw new Refusal("not_found", "There is no such person.");
    if (arg.code !== undefined && this.#recipients.rosterOf(userId).code !== arg.code)
      throw new Refusal("conflict", KEYS_CHANGED);
    await this.#recipients.accept(userId);
    if (arg.code !== undefined) await this.#rosterAdmin.confirm(userId, arg.code);
    // What was written while they got no keys they can't read: a summary says what came of it.
    this.#snapshots.wantFor(userId);
  }
}
