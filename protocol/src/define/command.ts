import type { z } from "zod";
import type { CommandRefusal } from "../org/command.ts";
import type { UserId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import type { Words } from "./data.ts";
import type { ClearRoom } from "./event.ts";
import type { StateDefinition } from "./state.ts";

/**
 * How a command is typed: its words in order, then `key=value` pairs. The values go to the arguments' schema as they
 * are; before that nothing is checked but their number and names.
 */
export type TextForm = {
  readonly words: readonly WordForm[];
  readonly pairs: Readonly<Record<string, PairForm>>;
};
export type WordForm = {
  readonly arg: string;
  /** Shown in the usage. */
  readonly shown: string;
  /** `rest` takes all words that are left, `list` names separated by commas. */
  readonly as: "person" | "name" | "text" | "list" | "rest";
  readonly optional?: true;
};
export type PairForm = { readonly arg: string; readonly shown: string; readonly as: "text" | "duration" };

/** Why a command is not done, with a sentence that says what to do. */
export type CommandNo = { readonly refused: CommandRefusal; readonly message: string };

/**
 * Present where carrying a command out is to write one state event of the organisation: nobody needs to implement it.
 * Absolute, so that a command that was interrupted is simply done again.
 */
export type Writes<Args, Schema extends z.ZodType = z.ZodType> = {
  readonly state: StateDefinition<Schema> & { readonly type: string };
  /** Left out: the state that has the empty key. */
  key?(args: Args, by: { readonly actor: UserId }): string;
  /** @param on.before what stands there now, if anything does; `at` is when the homeserver got the command */
  content(
    args: Args,
    on: { readonly before: z.infer<Schema> | undefined; readonly actor: UserId; readonly at: number },
  ): z.input<Schema> | CommandNo | "as it is";
  /** The answer in words. */
  answer(args: Args): string;
};

/** What the organisation's room keeps of a command that was carried out. [P9] */
export type AuditForm<Args, Kept> = {
  /** Left out: all arguments. What is secret, or too long, is left out here. */
  keeps?(args: Args): Kept;
  /** What was done, after its actor's name: `gave @sam the role responder`. */
  sentence(kept: Kept): string;
};

export type CommandDefinition<Name extends string, Args extends z.ZodType, Kept = unknown> = {
  readonly family: "command";
  readonly name: Name;
  readonly args: Args;
  /** Null: anybody who can reach the room, unless the bot's own implementation asks for more. */
  readonly permission: Permission | null;
  readonly rooms: readonly ClearRoom[];
  /**
   * Who gives it. `screen`: anybody's, through `org.do`. `deed`: a feature's own, because something must be kept or signed
   * first. `text`: it is typed in the admin room.
   */
  readonly givenBy: "screen" | "deed" | "text";
  /** Null: it changes nothing. */
  readonly audit: AuditForm<z.infer<Args>, Kept> | null;
  /** Null: it can't be typed. */
  readonly text: TextForm | null;
  /** What `help` says of it; null for what can't be typed. */
  readonly help: string | null;
  readonly words: Words;
  /** By argument, what is said to whoever gave one that is not valid. */
  readonly problems?: Readonly<Record<string, string>>;
  readonly example: z.input<Args>;
};

/** A command to the organisation's bot (SPEC [C1]). Text form and help are stated, or null: never derived. */
export function defineCommand<
  const Name extends string,
  Args extends z.ZodType,
  const GivenBy extends "screen" | "deed" | "text",
  const Rooms extends readonly ClearRoom[],
  Kept = z.infer<Args>,
>(
  definition: Omit<CommandDefinition<Name, Args, Kept>, "family" | "givenBy" | "rooms"> & {
    readonly givenBy: GivenBy;
    readonly rooms: Rooms;
  },
): CommandDefinition<Name, Args, Kept> & {
  readonly givenBy: GivenBy;
  readonly rooms: Rooms;
} {
  return { ...definition, family: "command" };
}

/** A command that writes one state event, and nothing else. */
export function defineWrite<
  const Name extends string,
  Args extends z.ZodType,
  const GivenBy extends "screen" | "deed" | "text",
  const Rooms extends readonly ClearRoom[],
  Schema extends z.ZodType,
  Kept = z.infer<Args>,
>(
  definition: Omit<CommandDefinition<Name, Args, Kept>, "family" | "givenBy" | "rooms"> & {
    readonly givenBy: GivenBy;
    readonly rooms: Rooms;
    readonly writes: Writes<z.infer<Args>, Schema>;
  },
) {
  const { writes, ...rest } = definition;
  return { ...defineCommand(rest), writes };
}

/** Any command, as what lists them all takes it. */
export type AnyCommand = Omit<CommandDefinition<string, z.ZodType>, "audit" | "args"> & {
  readonly args: z.ZodType;
  readonly audit: object | null;
};
