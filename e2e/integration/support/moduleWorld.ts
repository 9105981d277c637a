// A real Synapse with the module, the proxy in front of it, and one room of each kind with people in it. No bots: the
// tests speak with the bot's own token.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOM_TYPES, isSensitive } from "@hearth/protocol";
import type { RoomType } from "@hearth/protocol";
import { startInstance } from "@hearth/tools";
import type { Instance } from "@hearth/tools";
import { botClient, expectOk, newPerson } from "./rawClient.ts";
import type { Answer, RawClient } from "./rawClient.ts";
import { settledRoom } from "./rooms.ts";
import type { Team } from "./rooms.ts";
import { encrypted, megolm } from "./tables.ts";

export const kinds = Object.keys(ROOM_TYPES) as RoomType[];
export const sensitiveKinds = kinds.filter(isSensitive);
/** Whom every leak is tried as: a member, who made the rooms that members make; an admin; the appservice. */
export const senders = ["staff", "admin", "bot"] as const;

export interface ModuleWorld extends AsyncDisposable {
  readonly instance: Instance;
  readonly team: Team;
  /** Stands nowhere else: where it is found on the disk, it came from a refused request. */
  readonly token: string;
  /** A sentence with that word in it. */
  readonly secret: string;
  room(kind: RoomType): string;
  /** Sends an event that the room takes, and gives its id. */
  eventIn(roomId: string): Promise<string>;
  /** What stands for the {names} in the tables. */
  names(event: string, otherEvent: string, sender: RawClient): Record<string, string>;
}

/** 24 characters. */
export function uniqueWord(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString("hex");
}

const unlimited = { per_second: 10_000, burst_count: 10_000 };

export async function startModuleWorld(): Promise<ModuleWorld> {
  const dir = await mkdtemp(join(tmpdir(), "hearth-module-"));
  const instance = await startInstance({
    dir,
    web: false,
    bots: false,
    bcryptRounds: 4,
    // Names per room are off in the template, and Synapse drops them silently; here the module itself has to say no.
    synapseConfig: { rc_message: unlimited, rc_room_creation: unlimited, allow_per_room_profiles: true },
  });
  const stop = async () => {
    await instance.stop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    const bot = botClient(instance);
    const team: Team = {
      orgId: instance.orgId,
      bot,
      staff: await newPerson(instance, bot, "staff"),
      admin: await newPerson(instance, bot, "admin"),
      other: await newPerson(instance, bot, "other"),
    };
    const rooms = new Map<RoomType, string>();
    for (const kind of kinds) rooms.set(kind, await settledRoom(kind, team));
    const token = uniqueWord();
    const secret = `the caller is in the yellow house ${token}`;

    return {
      instance,
      team,
      token,
      secret,
      room: (kind) => rooms.get(kind) ?? "",
      async eventIn(roomId) {
        const content = encrypted(team.staff.deviceId ?? "");
        const sent = await expectOk(team.staff.send(roomId, "m.room.encrypted", content));
        return String(sent["event_id"]);
      },
      names: (event, otherEvent, sender) => ({
        secret,
        secretBase64: Buffer.from(secret).toString("base64").replaceAll("=", ""),
        alias: `yellow-house-${token}`,
        megolm: megolm(),
        event,
        otherEvent,
        device: sender.deviceId ?? "ABCDEFGHIJ",
        bot: team.bot.userId,
        staff: team.staff.userId,
        admin: team.admin.userId,
        other: team.other.userId,
        server: instance.serverName,
        org: instance.orgId,
      }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A refusal of the module's: a code of ours, and a sentence that says more than "forbidden". */
export function isRefused(answer: Answer): boolean {
  return answer.status === 403 && answer.errcode.startsWith("ORG.HEARTH.") && / .* .*\.$/.test(answer.error);
}

export function told(answer: Answer): string {
  return `${answer.status} ${answer.errcode} ${answer.error}`;
}
