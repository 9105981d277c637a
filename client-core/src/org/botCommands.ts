import {
  Command,
  CommandId,
  COMMANDS,
  Result,
  type CommandArgs,
  type CommandName,
  type CommandRefusal,
  type RoomId,
} from "@hearth/protocol";
import type { FailureCode } from "../contract/index.ts";
import type { SignedInSession } from "../session/api.ts";
import { Refusal } from "../session/failures.ts";
import type { Stop } from "../work/clock.ts";
import { afterRunning } from "../work/runningTime.ts";
import type { Org } from "./org.ts";
import { readRawEvents, type RawEvent } from "../rooms/rawEvent.ts";

const ANSWER_WITHIN_MS = 15_000;
/** How long sync is given to bring an answer before it is looked for, and then between two looks. */
const LOOK_AGAIN_MS = 3000;

export const NO_ANSWER =
  "The organisation's bot does not answer. Your change was asked for and will happen when it is back.";

const CODES: Record<CommandRefusal, FailureCode> = {
  unknown_command: "refused",
  bad_arguments: "invalid",
  not_permitted: "not_permitted",
  wrong_room: "refused",
  not_found: "not_found",
  conflict: "conflict",
  expired: "refused",
  wrong_secret: "refused",
  last_admin: "conflict",
  internal: "unexpected",
};

/**
 * Asks the organisation's bot to change org data, and waits for its word. [P9] Sync brings that mostly. It need not: it
 * leaves out all but the newest events of a room after a pause, and what it left out of an org room is not fetched.
 */
export class BotCommands {
  readonly #session: SignedInSession;
  readonly #org: () => Org | undefined;
  readonly #adminRoom: () => RoomId | undefined;
  readonly #waiting = new Map<string, (content: unknown) => void>();

  constructor(session: SignedInSession, org: () => Org | undefined, adminRoom: () => RoomId | undefined) {
    this.#session = session;
    this.#org = org;
    this.#adminRoom = adminRoom;
  }

  /** @throws Refusal with the bot's sentence, `no_answer`, or HttpFailure */
  async ask<Name extends CommandName>(
    name: Name,
    args: CommandArgs<Name>,
  ): Promise<Readonly<Record<string, unknown>>> {
    const org = this.#org();
    if (!org) throw new Refusal("conflict", "The organisation has not loaded yet. Try again in a moment.");
    // Where only admins read the answer, if the person is one.
    const rooms: readonly string[] = COMMANDS[name].rooms;
    const roomId = (rooms.includes("admin") ? this.#adminRoom() : undefined) ?? org.roomId;
    const id = CommandId.parse(this.#session.randomId());
    const content = Command.schema.parse({ v: 1, id, name, args: withoutUndefined(args) });
    const answer = this.#answerTo(id);
    let stopLooking: Stop = () => {};
    try {
      const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${Command.type}/c${id}`;
      const sent = await this.#session.request<{ event_id?: unknown }>("PUT", path, content);
      stopLooking = this.#session.clock.every(
        LOOK_AGAIN_MS,
        () => void this.#lookFor(roomId, String(sent.event_id)),
      );
      return await answer.promise;
    } finally {
      stopLooking();
      answer.stop();
    }
  }

  /** New events of the organisation's and the admins' room. */
  take(events: readonly RawEvent[]): void {
    const bot = this.#org()?.botUserId;
    for (const event of events) {
      const id = event.content["command_id"];
      if (event.type !== Result.type || event.sender !== bot || typeof id !== "string") continue;
      this.#waiting.get(id)?.(event.content);
    }
  }

  /** Asks the server for what refers to a command. */
  async #lookFor(roomId: RoomId, command: string): Promise<void> {
    const [room, event] = [roomId, command].map((part) => encodeURIComponent(part));
    const path = `/_matrix/client/v1/rooms/${room}/relations/${event}/m.reference/${Result.type}?limit=20`;
    try {
      this.take(readRawEvents((await this.#session.request<{ chunk?: unknown[] }>("GET", path)).chunk));
    } catch {
      // Looked for again, and sync may still bring it.
    }
  }

  #answerTo(id: string): { promise: Promise<Readonly<Record<string, unknown>>>; stop: () => void } {
    const { promise, resolve, reject } = Promise.withResolvers<Readonly<Record<string, unknown>>>();
    // Nobody may be listening any more when sending failed.
    promise.catch(() => undefined);
    const stopWaiting = afterRunning(this.#session.clock, ANSWER_WITHIN_MS, () =>
      reject(new Refusal("no_answer", NO_ANSWER)),
    );
    this.#waiting.set(id, (content) => {
      const result = Result.schema.safeParse(content);
      if (!result.success)
        reject(
          new Refusal("unexpected", "The organisation's bot answered something unknown. Reload Hearth."),
        );
      else if (result.data.ok) resolve(result.data.data ?? {});
      else reject(new Refusal(CODES[result.data.code], result.data.message));
    });
    return {
      promise,
      stop: () => {
        stopWaiting();
        this.#waiting.delete(id);
      },
    };
  }
}

function withoutUndefined(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));
}
