import { Command, isSensitive, Profile, readCreateEvent, Result } from "@hearth/protocol";
import type { OrgId, RoomId } from "@hearth/protocol";
import { answer, answerProblem } from "./answer.ts";
import type { AnswerContext } from "./answer.ts";
import { alignRoom } from "./effects.ts";
import { createHistory } from "./history.ts";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver, RawEvent } from "./homeserver.ts";
import type { Log } from "./log.ts";
import { whyClose } from "./onboarding.ts";
import { readOrgState } from "./org/state.ts";
import type { OrgState } from "./org/state.ts";
import { loadPlace, savePlace } from "./place.ts";
import type { Place } from "./place.ts";
import { isForUs, whyNotAdopt } from "./rooms/adoption.ts";
import { readRoom } from "./rooms/view.ts";
import type { RoomHead } from "./rooms/view.ts";
import { registrationToken } from "./secrets.ts";
import { setUpOrg } from "./setup.ts";
import type { OrgRooms } from "./setup.ts";
import { readTextCommand } from "./textCommand.ts";

/** Timeline events that the bot reads; of all others it takes no notice. */
const READ: readonly string[] = [Command.type, "m.room.message", Profile.type];
/** Those for which the homeserver's transactions wake it: an invite to the bot is a member event. */
export const WAKING: ReadonlySet<string> = new Set([...READ, "m.room.member"]);
/** How far back answers are looked for: more commands than this are never under way at once. */
const REMEMBERED = 300;
/** How long people in a closed onboarding room have to see that they are out of it. */
const PURGE_AFTER_MS = 60_000;

export type Bot = {
  /** Sets the org up and reads what it must know. To be called once, before `step`; again if it throws. */
  start(): Promise<OrgRooms>;
  /** Handles everything that has arrived. Throws when the server can't be reached, and is then called again. */
  step(): Promise<void>;
};

export function createBot(options: {
  readonly homeserver: Homeserver;
  readonly org: { readonly id: OrgId; readonly name: string };
  readonly asToken: string;
  readonly webUrl: string;
  readonly clock: () => number;
  readonly log: Log;
}): Bot {
  const { homeserver, org, clock, log } = options;
  const history = createHistory(homeserver.userId);
  const rooms = new Map<RoomId, RoomHead>();
  let place: Place = { purge: [] };
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
  const context = (): AnswerContext => ({
    homeserver,
    orgRoomId: started().orgRoomId,
    rooms: () => [...rooms.values()],
    readOrg,
    now: clock,
    log,
    history,
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

  async function handleInvite(roomId: RoomId, create: unknown): Promise<void> {
    if (!isForUs(readCreateEvent(create), org.id)) {
      log.warn(`invited to ${roomId}, which is no room for this bot: declined`);
      return homeserver.leave(roomId);
    }
    await homeserver.join(roomId);
    await adopt(roomId, await readOrg());
    if (rooms.has(roomId)) log.info(`looks after ${roomId} from now on`);
  }

  /** Takes a room in that a client made, or leaves it if it is not what it should be. Again does no harm. */
  async function adopt(roomId: RoomId, state: OrgState): Promise<void> {
    const room = readRoom(roomId, await homeserver.roomState(roomId));
    const why = room ? whyNotAdopt(room, state, org.id, homeserver.userId) : "its state can't be read";
    if (!room || why !== undefined) {
      log.warn(`left ${roomId}: ${why}`);
      rooms.delete(roomId);
      return homeserver.leave(roomId);
    }
    rooms.set(roomId, room);
    if (isSensitive(room.type)) await alignRoom(room, state, { homeserver, now: clock, log });
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
        const answers = await homeserver.lastEvents(id, [Result.type], 100);
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
      const parsed = Command.schema.safeParse(event.content);
      if (!parsed.success)
        return log.warn(
          `a command by ${event.sender} has no form that could be answered (${event.event_id})`,
        );
      const { id, name, args } = parsed.data;
      await answer({ event, room, id, name, args }, context());
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
    const made: readonly RoomId[] = Object.values(started());
    for (const { id, type } of [...rooms.values()].filter((room) => room.type !== "org.hearth.onboarding"))
      await guarded(`room ${id} (${type}) could not be looked at`, async () => {
        if (!made.includes(id)) return adopt(id, state);
        const room = readRoom(id, await homeserver.roomState(id));
        if (room) await alignRoom(room, state, { homeserver, now: clock, log });
      });
    await tidyOnboarding(() => true);
  }

  return {
    async start() {
      const { rooms: found, ...made } = await setUpOrg(homeserver, org);
      for (const room of found) rooms.set(room.id, room);
      own = made;
      place = await loadPlace(homeserver, org.id);
      for (const roomId of [made.orgRoomId, made.adminRoomId])
        history.learn(
          await homeserver.lastEvents(
            roomId,
            [Command.type, Result.type, "org.hearth.audit", "m.room.message"],
            REMEMBERED,
          ),
        );
      return made;
    },

    async step() {
      if (!repaired) await repair();
      repaired = true;
      await purgeClosed();
      const batch = await homeserver.sync(place.since, READ);
      for (const { roomId, create } of batch.invites)
        await guarded(`invite to ${roomId} could not be handled`, () => handleInvite(roomId, create));
      for (const { roomId, events } of batch.timelines) {
        const room = rooms.get(roomId);
        if (!room) continue;
        for (const event of events)
          await guarded(`event ${event.event_id} could not be handled`, () => handleEvent(room, event));
      }
      // The bot's own words move nothing on; they would only be looked at once more after a crash.
      const news = batch.timelines.some(({ events }) =>
        events.some(({ sender }) => sender !== homeserver.userId),
      );
      const before = place.since;
      place = { ...place, since: batch.next };
      if (news || batch.invites.length > 0 || before === undefined)
        await savePlace(homeserver, org.id, place);
    },
  };
}
