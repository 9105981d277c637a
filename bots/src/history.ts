import { Audit, Command, CommandId, Result } from "@hearth/protocol";
import type { EventId, ResultContent, UserId } from "@hearth/protocol";
import type { RawEvent } from "./homeserver.ts";

/** Which commands have been answered, and which were begun, as the rooms' timelines show it. */
export type History = {
  /** Takes in events of a room, in any order, the bot's and others'. */
  learn(events: readonly RawEvent[]): void;
  isAnswered(event: EventId): boolean;
  /** What was answered to the same command of the same person, sent in another event. */
  earlierAnswer(sender: UserId, command: CommandId): ResultContent | undefined;
  /** The command was found good: its audit entry stands in the org room. */
  isBegun(sender: UserId, command: CommandId): boolean;
};

/** Ids are the sender's to choose, so one person's command is never taken for another's. */
const owned = (sender: UserId, command: CommandId) => `${sender} ${command}`;

export function createHistory(botUserId: UserId): History {
  const commands = new Map<EventId, string>();
  const answers = new Map<EventId, ResultContent | undefined>();
  const byCommand = new Map<string, ResultContent>();
  const begun = new Set<string>();

  /** The answer may be seen before the command it answers, or after. */
  const connect = (event: EventId) => {
    const command = commands.get(event);
    const answer = answers.get(event);
    if (command !== undefined && answer !== undefined) byCommand.set(command, answer);
  };

  return {
    learn(events) {
      for (const event of events) {
        if (event.type === Command.type) {
          const id = CommandId.safeParse(event.content["id"]);
          if (!id.success) continue;
          commands.set(event.event_id, owned(event.sender, id.data));
          connect(event.event_id);
        }
        if (event.sender !== botUserId) continue;
        if (event.type === Audit.type) {
          const parsed = Audit.schema.safeParse(event.content);
          if (parsed.success) begun.add(owned(parsed.data.actor, parsed.data.command_id));
          continue;
        }
        const answered = (event.content["m.relates_to"] as { event_id?: EventId } | undefined)?.event_id;
        if (answered === undefined) continue;
        const parsed = event.type === Result.type ? Result.schema.safeParse(event.content) : undefined;
        answers.set(answered, parsed?.success ? parsed.data : undefined);
        connect(answered);
      }
    },
    isAnswered: (event) => answers.has(event),
    earlierAnswer: (sender, command) => byCommand.get(owned(sender, command)),
    isBegun: (sender, command) => begun.has(owned(sender, command)),
  };
}
