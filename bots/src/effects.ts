import type { RoomId } from "@hearth/protocol";
import type { Effect } from "./commands/implementation.ts";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver } from "./homeserver.ts";
import type { Log } from "./log.ts";
import type { OrgState } from "./org/state.ts";
import { planRoom } from "./rooms/plan.ts";
import { readRoom } from "./rooms/view.ts";
import type { RoomHead, RoomView } from "./rooms/view.ts";

/** What carrying things out needs. */
export type Hands = {
  readonly homeserver: Homeserver;
  readonly orgRoomId: RoomId;
  /** The org's rooms that the bot is in. */
  readonly rooms: () => readonly RoomHead[];
  readonly readOrg: () => Promise<OrgState>;
  readonly now: () => number;
  readonly log: Log;
};

/** Carries out one step of a command's plan. */
export async function carryOut(effect: Effect, hands: Hands): Promise<void> {
  const { homeserver, orgRoomId } = hands;
  switch (effect.do) {
    case "org state":
      return homeserver.sendState(orgRoomId, effect.type, effect.key, effect.content);
    case "allow registration":
      return homeserver.createRegistrationToken(effect.token, effect.expiresAt);
    case "withdraw registration":
      return homeserver.deleteRegistrationToken(effect.token);
    case "delete media":
      return homeserver.deleteMedia(effect.owner, effect.media);
    case "deactivate":
      // First, because nobody can act for an account that has ended; which one may have, if this is done again.
      await homeserver.deleteKeyBackups(effect.user).catch((error: unknown) => {
        if (!(error instanceof HomeserverError) || error.passing) throw error;
        hands.log.warn(`key backups of ${effect.user} could not be looked at: ${error.message}`);
      });
      return homeserver.deactivate(effect.user);
    case "align rooms": {
      const both: readonly string[] = ["org.hearth.org", "org.hearth.admin"];
      const rooms = hands.rooms().filter(({ type }) => effect.which === "all" || both.includes(type));
      return alignRooms(rooms, hands);
    }
  }
}

/** Brings rooms in step with the org's state. */
async function alignRooms(rooms: readonly RoomHead[], hands: Hands): Promise<void> {
  const org = await hands.readOrg();
  for (const { id } of rooms) {
    const room = readRoom(id, await hands.homeserver.roomState(id));
    if (room) await alignRoom(room, org, hands);
  }
}

/**
 * Brings one room in step with the org's state. What the homeserver refuses is told of and passed over: other rooms,
 * and the command that asked for it, must not wait for it.
 */
export async function alignRoom(
  room: RoomView,
  org: OrgState,
  { homeserver, now, log }: Pick<Hands, "homeserver" | "now" | "log">,
): Promise<void> {
  for (const write of planRoom(room, org, homeserver.userId, now())) {
    // A member whose entry can't be read looks like none: nobody is put out for that.
    if ((write.do === "remove" || write.do === "leave as") && org.unreadable.length > 0) {
      log.warn(`in ${room.id}, nobody is removed as long as the org's state can't be read whole`);
      continue;
    }
    try {
      if (write.do === "invite") await homeserver.invite(room.id, write.user);
      else if (write.do === "remove") await homeserver.kick(room.id, write.user);
      else if (write.do === "leave as") await homeserver.leaveAs(write.user, room.id);
      else await homeserver.sendState(room.id, "m.room.power_levels", "", write.content);
    } catch (error) {
      if (!(error instanceof HomeserverError) || error.passing) throw error;
      log.error(`in ${room.id}, "${write.do}" was refused`, error);
    }
  }
}
