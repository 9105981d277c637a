import { COMMANDS, isMemberAt } from "@hearth/protocol";
import type { AuditForm, CommandName, RoomType } from "@hearth/protocol";
import { stateName } from "../org/state.ts";
import { requirePermission } from "./authority.ts";
import { refuse } from "./implementation.ts";
import type { Plan, Refusal, Situation } from "./implementation.ts";
import { implementationOf } from "./registry.ts";
import { sentences } from "./sentences.ts";

/** A command that may be carried out, with its arguments checked. */
export type Decision = {
  readonly ok: true;
  readonly plan: Plan;
  /** What the audit keeps; undefined if the command changes nothing. */
  readonly auditArgs: Readonly<Record<string, unknown>> | undefined;
  /** The answer in words. */
  readonly text: string;
};

const ROOMS: Partial<Record<RoomType, string>> = {
  "org.hearth.org": "org",
  "org.hearth.admin": "admin",
  "org.hearth.onboarding": "onboarding",
};

/**
 * What is to be done about a command, or why nothing: known, allowed in this room, well-formed, permitted, possible;
 * asked in this order. Pure.
 * @param request.begun the command was found good before and broke off: it is carried on, whatever it has changed
 */
export function decide(
  request: {
    readonly name: string;
    readonly args: unknown;
    readonly roomType: RoomType;
    readonly begun: boolean;
  },
  situation: Situation,
): Decision | Refusal {
  if (request.name === "")
    return refuse(
      "bad_arguments",
      "The command has no form that the bot knows. Reload the app and try again.",
    );
  if (!Object.hasOwn(COMMANDS, request.name))
    return refuse(
      "unknown_command",
      `There is no command "${request.name}". Use \`help\` to see those there are.`,
    );
  const name = request.name as CommandName;
  const definition = COMMANDS[name];
  const allowed: readonly string[] = definition.rooms;
  const room = ROOMS[request.roomType];
  if (room === undefined || !allowed.includes(room))
    return refuse(
      "wrong_room",
      `"${name}" can't be asked for here: use it in the ${allowed.join(" or ")} room.`,
    );

  const args = definition.args.safeParse(request.args);
  if (!args.success)
    return refuse("bad_arguments", `The command was not understood: ${sentences(args.error)}`);

  // The registry pairs each name with its own arguments; TypeScript can't follow that through a lookup by name.
  const implementation = implementationOf<CommandName>(name);
  const given = args.data as never;
  if (!request.begun) {
    const refused =
      room === "onboarding" || isMemberAt(situation.org, situation.actor, situation.now)
        ? implementation.authorise
          ? implementation.authorise(situation, given)
          : definition.permission && requirePermission(situation, definition.permission)
        : refuse("not_permitted", "Only members can ask the bot for something.");
    if (refused) return refused;
  }
  const plan = implementation.plan(situation, given);
  if (!plan.ok) return plan;
  const newer = plan.effects.find(
    (effect) => effect.do === "org state" && situation.org.newer.has(stateName(effect.type, effect.key)),
  );
  if (newer)
    return refuse(
      "conflict",
      "What this would change was written by a newer version of Hearth, and nothing was changed. Whoever hosts Hearth must update the bots.",
    );
  // As with the implementation: the pair of arguments and what is kept of them is lost in a lookup by name.
  const audit: AuditForm<unknown, Readonly<Record<string, unknown>>> | null = definition.audit;
  return {
    ok: true,
    plan,
    auditArgs: audit ? (audit.keeps?.(given) ?? given) : undefined,
    text: implementation.render(plan.data ?? {}, given),
  };
}
