import { Audit, Command, CommandId, Profile, Result } from "@hearth/protocol";
import type { EventId, OrgId, RoomId, RoomType, UserId } from "@hearth/protocol";
import { answer, answerProblem } from "./answer.ts";
import type { AnswerContext } from "./answer.ts";
import { alignRoom } from "./effects.ts";
import { createKeyBackupSweep } from "./keyBackups.ts";
import { createHistory } from "./history.ts";
import { HomeserverError, isPassing } from "./homeserver.ts";
import type { Homeserver, RawEvent } from "./homeserver.ts";
import type { Log } from "./log.ts";
import { whyClose } from "./onboarding.ts";
import { readOrgState } from "./org/state.ts";
import type { OrgState } from "./org/state.ts";
import { loadPlace, savePlace } from "./place.ts";
import type { Place } from "./place.ts";
import { whyNotAdopt } from "./rooms/adoption.ts";
import { readRoom } from "./rooms/view.ts";
import type { RoomHead } from "./rooms/view.ts";
import { registrationToken } from "./secrets.ts";
import { setUpOrg } from "./setup.ts";
import type { OrgRooms } from "./setup.ts";
import { readTextCommand } from "./textCommand.ts";
import { createWipes } from "./wipes.ts";
import type { Wipes } from "./wipes.ts";

/** Events that ask the bot for something. */
const ASKING: readonly string[] = [Command.type, "m.room.message", Profile.type];
/** Events that are read: with those that ask, the bot's own, which say what is answered already. */
const READ: readonly string[] = [...ASKING, Result.type, Audit.type];
/**
 * How many events before the place are read again each time. Synapse makes up to five events of a room at once, and
 * one that took longer may come to stand before others that have been handled.
 */
const OVERLAP = 20;
/** How long people in a closed onboarding room have to see that they are out of it. */
const PURGE_AFTER_MS = 60_000;

/** Whether an event that the homeserver delivers is a reason to look: a question, or an invite to the bot. */
export function wakes(event: { type?: unknown; state_key?: unknown }, botUserId: UserId): boolean {
  if (event.type === "m.room.member") return event.state_key === botUserId;
  return typeof event.type === "string" && ASKING.includes(event.type);
}

export type Bot = {
  /** Sets the org up and reads what it must know. To be called once, before `step`; again if it throws. */
  start(): Promise<OrgRooms>;
  /** Handles everything that has arrived. Throws when the server can't be reached, and is then called again. */
  step(): Promise<void>;
  /** See `Wipes`. */
  readonly answerWipe: Wipes["answer"];
};

export function createBot(options: {
  readonly homeserver: Homeserver;
  readonly org: { readonly id: OrgId; readonly name: string };
  readonly asToken: string;
  readonly webUrl: string;
  /** See `Settings`. */
  readonly shortTimes: boolean;
  readonly clock: () => number;
  readonly log: Log;
  /** Has `step` called after so many milliseconds. */
  readonly wakeIn?: (ms: number) => void;
}): Bot {
  const { homeserver, org, clock, log } = options;
  const history = createHistory(homeserver.userId);
  const rooms = new Map<RoomId, RoomHead>();
  /** Handled since the start: what the overlap shows again. */
  const handled = new Set<EventId>();
  let place: Place = { handled: {}, purge: [] };
  let own: OrgRooms | undefined;
  let repaired = false;

  const started = (): OrgRooms => {
    if (!own) throw new Error("the bot has not been started");
    return own;
  };
  const readOrg = async () => {
    const state = readOrgState(await homeserver.roomState(started().orgRoomId), homeserver.userId);
    for (const each of state.unreadable) log.warn(`org state "${each}" can't be read and counts as missing`);
    return state;
  };
  const keyBackups = createKeyBackupSweep({ homeserver, readOrg, now: clock, log });
  const wipes = createWipes({
    homeserver,
    orgRoomId: () => started().orgRoomId,
    readOrg,
    now: clock,
    wakeIn: options.wakeIn ?? (() => {}),
    log,
  });
  const context = (): AnswerContext => ({
    homeserver,
    orgRoomId: started().orgRoomId,
    rooms: () => [...rooms.values()],
    readOrg,
    now: clock,
    log,
    history,
    shortTimes: options.shortTimes,
    tokenFor: (invite) => registrationToken(options.asToken, invite),
  });

  /** A named boundary: what goes wrong with one event or room does not keep the others waiting. */
  async function guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof HomeserverError && error.passing) throw error;
      log.error(what, error);
    }
  }

  /** Looks at a room before joining it, and declines if it is not what it should be. */
  async function handleInvite(roomId: RoomId): Promise<void> {
    const room = readRoom(roomId, await homeserver.roomState(roomId));
    const why = room ? whyNotAdopt(room, await readOrg(), org.id, homeserver.userId) : "it is none of ours";
    if (!room || why !== undefined) {
      log.warn(`declined ${roomId}: ${why}`);
      return homeserver.leave(roomId);
    }
    try {
      await homeserver.join(roomId);
      rooms.set(roomId, room);
      log.info(`looks after ${roomId} (${room.type}) from now on`);
      await lookAfter(roomId, await readOrg());
    } catch (error) {
      // It may have joined all the same. Then there is no invite any more that is handled again, but a room to be repaired.
      if (isPassing(error)) {
        rooms.set(roomId, room);
        repaired = false;
      }
      throw error;
    }
  }

  /** Brings a room in step with the org. */
  async function lookAfter(roomId: RoomId, state: OrgState): Promise<void> {
    const room = readRoom(roomId, await homeserver.roomState(roomId));
    if (room) await alignRoom(room, state, { homeserver, now: clock, log });
  }

  /** Closes onboarding rooms that are no longer needed. */
  async function tidyOnboarding(only: (room: RoomHead) => boolean): Promise<void> {
    const candidates = [...rooms.values()].filter(
      (room) => room.type === "org.hearth.onboarding" && only(room),
    );
    if (candidates.length === 0) return;
    const state = await readOrg();
    for (const { id } of candidates)
      await guarded(`onboarding room ${id} could not be closed`, async () => {
        const room = readRoom(id, await homeserver.roomState(id));
        const answers = await homeserver.eventsBack(id, [Result.type], () => true);
        const why = room && whyClose(room, state, answers, clock());
        if (why === undefined) return;
        const others = place.purge.filter((each) => each.room !== id);
        place = { ...place, purge: [...others, { room: id, after: clock() + PURGE_AFTER_MS }] };
        await savePlace(homeserver, org.id, place);
        await homeserver.deleteRoom(id, { purge: false });
        rooms.delete(id);
        log.info(`closed onboarding room ${id}: ${why}`);
      });
  }

  async function purgeClosed(): Promise<void> {
    const due = place.purge.filter(({ after }) => after <= clock());
    if (due.length === 0) return;
    for (const { room } of due)
      await guarded(`room ${room} could not be purged`, () => homeserver.deleteRoom(room, { purge: true }));
    place = { ...place, purge: place.purge.filter((each) => !due.includes(each)) };
    await savePlace(homeserver, org.id, place);
  }

  async function handleEvent(room: RoomHead, event: RawEvent): Promise<void> {
    if (event.sender === homeserver.userId) return;
    if (event.type === Command.type) {
      // Whatever else is wrong with it, a command with an id gets an answer.
      const id = CommandId.safeParse(event.content["id"]);
      if (!id.success)
        return log.warn(`a command by ${event.sender} has no id by which to answer it (${event.event_id})`);
      const parsed = Command.schema.safeParse(event.content);
      const { name, args } = parsed.success ? parsed.data : { name: "", args: {} };
      await answer({ event, room, id: id.data, name, args }, context());
      if (room.type === "org.hearth.onboarding") await tidyOnboarding(({ id: each }) => each === room.id);
    } else if (event.type === "m.room.message" && room.id === started().adminRoomId) {
      const asked = readTextCommand(event, { ...options, botUserId: homeserver.userId, orgId: org.id });
      if (!asked) return;
      if ("problem" in asked) await answerProblem({ event, room, problem: asked.problem }, context());
      else await answer({ ...asked, event, room }, context());
    } else if (event.type === Profile.type && room.id === started().orgRoomId) {
      await tidyOnboarding(({ creator }) => creator === event.sender);
    }
  }

  /** What an interruption left undone, or somebody did while the bot was away. */
  async function repair(): Promise<void> {
    const state = await readOrg();
    for (const { id, type } of rooms.values())
      await guarded(`room ${id} (${type}) could not be looked at`, () => lookAfter(id, state));
    await tidyOnboarding(() => true);
  }

  async function handleMemberships(): Promise<void> {
    const memberships = await homeserver.memberships();
    for (const id of rooms.keys()) if (memberships.get(id) !== "join") rooms.delete(id);
    for (const [roomId, membership] of memberships)
      if (membership === "invite")
        await guarded(`invite to ${roomId} could not be handled`, () => handleInvite(roomId));
  }

  /** Handles what is new in a room, in the server's order, and then keeps the place. */
  async function read(room: RoomHead): Promise<void> {
    const last = place.handled[room.id];
    const events = await homeserver.eventsBack(room.id, READ, (soFar) => {
      const found = soFar.findIndex(({ event_id }) => event_id === last);
      return found >= 0 && soFar.length > found + OVERLAP;
    });
    history.learn(events);
    const news = events.filter(
      ({ event_id, sender }) => sender !== homeserver.userId && !handled.has(event_id),
    );
    for (const event of news) {
      await guarded(`event ${event.event_id} could not be handled`, () => handleEvent(room, event));
      handled.add(event.event_id);
      keyBackups.rolesMayHaveChanged();
      wipes.mayHaveChanged();
    }
    // An onboarding room is short and soon gone: it needs no place.
    const newest = news.at(-1)?.event_id;
    if (newest === undefined || newest === last || room.type === "org.hearth.onboarding") return;
    place = { ...place, handled: { ...place.handled, [room.id]: newest } };
    await savePlace(homeserver, org.id, place);
  }

  return {
    answerWipe: (path) => wipes.answer(path),

    async start() {
      const { rooms: found, ...made } = await setUpOrg(homeserver, org);
      for (const room of found) rooms.set(room.id, room);
      own = made;
      place = await loadPlace(homeserver, org.id);
      return made;
    },

    async step() {
      if (!repaired) await repair();
      repaired = true;
      await handleMemberships();
      // The org room first: it holds the audit entries of commands given in the others.
      const asked: readonly RoomType[] = ["org.hearth.org", "org.hearth.admin", "org.hearth.onboarding"];
      for (const type of asked)
        for (const room of [...rooms.values()].filter((each) => each.type === type))
          await guarded(`room ${room.id} could not be read`, () => read(room));
      await guarded("wipes could not be looked at", () => wipes.step());
      await purgeClosed();
      await guarded("key backups could not be looked at", () => keyBackups.step());
    },
  };
}
