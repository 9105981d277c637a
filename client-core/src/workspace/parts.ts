import type { SignedInSession } from "../session/api.ts";
import { AccessDesk } from "../features/access/access.ts";
import type { Change, Key } from "../store/change.ts";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { Room } from "../rooms/room.ts";
import { RoomAliases } from "../rooms/aliases.ts";
import { background } from "./background.ts";
import { Arrivals } from "./arrivals.ts";
import { BackupRoleTeller } from "./backupRole.ts";
import { BotCommands } from "../org/botCommands.ts";
import { Decryptor } from "../rooms/decryptor.ts";
import { signedDevices } from "../features/people/signedDevices.ts";
import { DeviceWatch } from "../features/people/deviceWatch.ts";
import { Commits, type Reader } from "../store/commit.ts";
import { ServedBuild } from "../features/build/servedBuild.ts";
import { Shown } from "../store/shown.ts";
import { OpenRooms } from "../features/requests/openRooms.ts";
import { RequestList } from "../features/requests/requestListView.ts";
import { Joiner } from "../rooms/joiner.ts";
import { keyLife } from "../rooms/keys/keyLife.ts";
import { RotateAsks } from "../rooms/keys/rotateAsks.ts";
import { LateKeys } from "../rooms/lateKeys.ts";
import { LifecycleRepair } from "../features/requests/lifecycle.ts";
import { requestProjection } from "../features/requests/projection.ts";
import { PROJECTIONS } from "./projections.ts";
import { OrgCommands } from "../org/orgCommands.ts";
import type { Outbox } from "../outbox/outbox.ts";
import { sending } from "../outbox/sending.ts";
import { OwnProfile } from "../org/ownProfile.ts";
import { orgOrRefuse } from "./refusals.ts";
import { RequestCommands } from "../features/requests/requestCommands.ts";
import { RoomBook } from "../rooms/roomBook.ts";
import { RoomCommands } from "../features/requests/roomCommands.ts";
import { RosterCommands } from "../features/roster/rosterCommands.ts";
import { RosterLife } from "../features/roster/rosterLife.ts";
import { roomEndpoints } from "../rooms/endpoints.ts";
import { Snapshots } from "../features/requests/snapshots.ts";
import { Sync } from "./sync.ts";
import { Wipes } from "../features/wipe/wipes.ts";

export type PartsOptions = {
  /** Those who hear of changes run in this order; see `Commits`. */
  readonly order?: (readers: readonly Reader[]) => readonly Reader[];
  /** A room is on a screen now: who its people are is about to be shown. */
  readonly onOpened: () => void;
};

/**
 * The parts of one workspace, and what each is given of the others. Made in the order in which they stand here; a part
 * that is used before its turn is reached through a function. What one part's news means for others they say themselves:
 * see `reactions.ts` and `views.ts`.
 */
export class Parts {
  readonly session: SignedInSession;
  readonly commits: Commits;
  readonly shown: Shown;
  readonly arrivals: Arrivals;

  readonly sync: Sync;
  readonly lateKeys: LateKeys;
  readonly decryptor: Decryptor;
  readonly book: RoomBook;
  readonly joiner: Joiner;
  readonly bot: BotCommands;
  readonly ownProfile: OwnProfile;
  readonly roster: RosterLife;
  readonly wipes: Wipes;
  readonly access: AccessDesk;
  readonly keys: ReturnType<typeof keyLife>;
  readonly rotateAsks: RotateAsks;

  readonly aliases: RoomAliases;
  readonly outbox: Outbox;
  readonly devices: DeviceWatch;
  readonly requestList: RequestList;
  readonly openRooms: OpenRooms;
  readonly lifecycle: LifecycleRepair;
  readonly snapshots: Snapshots;
  readonly backupRole: BackupRoleTeller;
  readonly build: ServedBuild;

  readonly requestCommands: RequestCommands;
  readonly roomCommands: RoomCommands;
  readonly orgCommands: OrgCommands;
  readonly rosterCommands: RosterCommands;

  readonly #closed = new AbortController();

  constructor(signedIn: SignedInSession, options: PartsOptions) {
    // A workspace may close while its session goes on, to set up encryption anew: then another one takes its place.
    const stopped = AbortSignal.any([signedIn.stopped, this.#closed.signal]);
    const session = (this.session = { ...signedIn, stopped });
    const endpoints = roomEndpoints(session.request.bind(session));
    this.shown = new Shown(session.views);
    this.commits = this.#commits(options);
    this.arrivals = new Arrivals(() => this.book, this.commits, session);

    this.sync = this.#sync();
    this.lateKeys = new LateKeys(
      session.clock,
      (roomId, eventIds) => void this.book.change(roomId, (room) => room.retry(eventIds)),
    );
    this.decryptor = this.#decryptor();
    this.book = this.#book();
    this.joiner = new Joiner(session, endpoints, this.pause);
    this.bot = new BotCommands(
      session,
      () => this.book.org,
      () => this.book.adminRoomId,
    );
    this.ownProfile = new OwnProfile(session);
    this.roster = new RosterLife(session, this.book, this, {
      onRosterChange: () => this.commits.tell(["roster"]),
      onIdentityChange: (userId) => this.commits.tell([`keys/${userId}`]),
    });
    this.wipes = new Wipes({
      session,
      bot: this.bot,
      roster: this.roster.book,
      org: () => this.book.org,
      seenAt: (userId, deviceId) => this.devices.of(userId, deviceId)?.at,
      now: () => this.book.now(),
      onAnswered: () => this.commits.tell(["wipes"]),
    });
    this.access = this.#access();
    this.keys = keyLife(
      session,
      this.book,
      () => this.roster.book.roster.current.get(session.userId)?.role === "admin",
      this.access.shared,
      {
        onHidden: () =>
          this.commits.tell(["clock", ...this.book.sealed().map(({ roomId }): Key => `room/${roomId}/log`)]),
        onLost: (roomId, sender) => this.rotateAsks.ask(roomId, sender),
      },
    );

    this.rotateAsks = new RotateAsks({
      session,
      isIn: (roomId, userId) =>
        this.roster.book.roster.current.has(userId) &&
        this.book.rooms.get(roomId)?.projection !== undefined &&
        this.book.rooms.get(roomId)?.state.membership(userId) === "join",
      doubtDevice: (...of) => this.roster.authority.doubtDevice(...of),
      rotate: (roomId) => this.keys.blocks.rotate(roomId),
      block: () => this.keys.blocks.block,
    });

    this.aliases = new RoomAliases(session.records);
    this.outbox = sending({
      session,
      book: this.book,
      recipients: this.roster.recipients,
      blocks: this.keys.blocks,
      endpoints,
      aliases: this.aliases,
      pause: this.pause,
      responses: () => this.arrivals.responses,
      onInvited: (localId, failed) => this.requestCommands.invited(localId, failed),
      onChange: (rooms) => this.commits.tell([...rooms].map((id): Key => `outbox/${id}`)),
    });
    this.devices = new DeviceWatch(session, () => this.commits.tell(["devices"]));
    this.requestList = new RequestList({
      session,
      book: this.book,
      outbox: this.outbox,
      aliases: this.aliases,
      hiding: () => this.keys.window.hiding,
      isComplete: this.isComplete,
    });
    this.build = new ServedBuild({
      ask: () => session.servedVersion(),
      pause: this.pause,
      stopped,
      onNewer: () => this.commits.tell(["build"]),
    });
    this.openRooms = this.#openRooms();
    this.lifecycle = new LifecycleRepair(session.userId, this.outbox, session.clock, (what, work) =>
      background(session, what, work),
    );
    this.snapshots = new Snapshots({
      session,
      org: () => this.book.org,
      now: () => this.book.now(),
      requests: () => this.book.ofKind(requestProjection),
      room: (roomId) => this.book.rooms.get(roomId),
      outbox: this.outbox,
      devices: signedDevices(session.client),
      mayReceive: (userId) =>
        userId === session.userId ||
        (this.roster.recipients.rosterOf(userId).roster === "listed" &&
          this.roster.recipients.identityOf(userId) !== "changed"),
    });
    this.backupRole = new BackupRoleTeller(
      session,
      this.book,
      this.roster.authority,
      () => this.arrivals.complete,
    );

    this.requestCommands = new RequestCommands(session, this.book, this.outbox, (id) =>
      this.aliases.resolve(id),
    );
    this.roomCommands = new RoomCommands({
      book: this.book,
      outbox: this.outbox,
      openRooms: this.openRooms,
      aliases: this.aliases,
      onOpened: options.onOpened,
      onOlder: (roomId) => this.commits.tell([`room/${roomId}/log`]),
    });
    this.orgCommands = new OrgCommands(session, this, this.roster.admin, () => orgOrRefuse(this.book.org));
    // What was written while they got no keys they can't read: a summary says what came of it.
    this.rosterCommands = new RosterCommands(this.roster, (userId) => this.snapshots.wantFor(userId));
  }

  /** From here on no part begins anything any more. */
  close(): void {
    this.#closed.abort(new DOMException("the workspace has closed", "AbortError"));
  }

  /** Whether all rooms are here, as far as the server tells. */
  readonly isComplete = (): boolean => this.session.told.listIsWhole;

  /** Until the next try is worth it: sooner when the network comes back. */
  readonly pause = (atLeastMs?: number): Promise<void> =>
    this.sync.connection.pause(this.session.stopped, atLeastMs);

  #sync(): Sync {
    const { session, arrivals } = this;
    return new Sync(
      session.client,
      session.baseUrl,
      session.clock,
      () => session.synced(),
      (rooms, complete) => background(session, "taking in a sync response", arrivals.take(rooms, complete)),
    );
  }

  #decryptor(): Decryptor {
    return new Decryptor(
      this.session.client,
      {
        see: (key, ...at) => this.keys.pruner.see(key, ...at),
        lost: (key, event) => this.keys.pruner.lost(key, event),
        doubts: (block, at) => this.keys.pruner.doubts(block, at),
        sharedBy: (key) => this.access.sharedBy(key),
      },
      (type) => PROJECTIONS.some((projection) => projection.isEntry(type)),
      (roomId, eventId) => this.lateKeys.add(roomId, eventId),
    );
  }

  #book(): RoomBook {
    const { commits } = this;
    return new RoomBook(this.session, this.decryptor, PROJECTIONS, this.pause, {
      write: (changes) => this.outbox.inTurn(() => this.keys.window.save(changes)),
      onChange: (keys) => commits.tell(keys),
      onEvents: (room, events) => this.#arrived(room, events),
      onInvite: (roomId, state) => {
        this.joiner.invited(roomId, state);
        commits.tell(["invited"]);
      },
      onJoined: (roomId) => this.joiner.settled(roomId),
      onGone: (roomId) => background(this.session, "clearing the outbox", this.outbox.roomGone(roomId)),
      isPast: (at) => this.keys.window.isPastInstant(at),
    });
  }

  #commits({ order }: PartsOptions): Commits {
    const { session } = this;
    return new Commits({
      guard: () => this.keys.pruner.look(),
      background: (what, work) => background(session, what, work),
      failed: (what, error) => session.log("error", `${what} failed`, error),
      stopped: session.stopped,
      ...(order ? { order } : {}),
    });
  }

  /** What has come of this client's own leaves the outbox; what the bot has answered goes to who waits for it. */
  #arrived(room: Room, events: readonly RawEvent[]): Change {
    const ids = new Set<string>(
      events.flatMap((event) => [event.event_id, ...(event.transactionId ? [event.transactionId] : [])]),
    );
    if (!room.projection) this.bot.take(room.log.events.filter((event) => ids.has(event.event_id)));
    return this.outbox.arrived(room.roomId, ids);
  }

  #access(): AccessDesk {
    const { session, book, bot, roster } = this;
    return new AccessDesk({
      session,
      book,
      bot,
      authority: roster.authority,
      roster: roster.book,
      recipients: roster.recipients,
      devices: () => this.devices,
      window: () => this.keys.window,
      pruner: () => this.keys.pruner,
      pause: this.pause,
      onGiven: (userId) => this.snapshots.wantFor(userId),
      onChange: () => this.commits.tell(["grants"]),
    });
  }

  #openRooms(): OpenRooms {
    const { session, book, outbox, roster, devices, aliases, keys, access, build, shown } = this;
    return new OpenRooms({
      session,
      book,
      outbox,
      recipients: roster.recipients,
      devices,
      aliases,
      isComplete: this.isComplete,
      shown,
      kept: () => keys.pruner.kept,
      hiding: () => keys.window.hiding,
      isGranted: (roomId) => access.shared.lastsIn(roomId, book.now()),
      newerBuild: () => build.isNewer,
    });
  }
}
