import { z } from "zod";
import { defineEntry, type EntryDefinition } from "../define/entry.ts";
import type { EventId, UserId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import { envelope } from "./envelope.ts";
import type { FoldedRequest, LeftOut } from "./folded.ts";
import type { EntryRefusal, Refused } from "./refusal.ts";

/** What a request must be for an entry to count: not opened yet, open, closed, or anything at all. */
export type When = keyof typeof REFUSALS;

/** Why an entry can't change a request as it is; undefined if it can. */
export const REFUSALS = {
  unopened: (folded) => (folded ? "already_open" : undefined),
  open: (folded) => (folded ? (folded.closed ? "closed" : undefined) : "not_open_yet"),
  closed: (folded) => (folded ? (folded.closed ? undefined : "not_closed") : "not_open_yet"),
  ever: () => undefined,
} as const satisfies Record<string, (folded: FoldedRequest | undefined) => EntryRefusal | undefined>;

type FoldedWhen<W extends When> = W extends "unopened" ? undefined : FoldedRequest;
/** What an entry changes of it: the opening says all, the others what differs. How many were folded counts itself. */
type Effect<W extends When> = W extends "unopened" ? Omit<FoldedRequest, "count"> : Partial<FoldedRequest>;

/** What somebody's wish is decided on. */
export type DecidedOn<Folded = FoldedRequest> = {
  readonly folded: Folded;
  readonly lastEventId: EventId | undefined;
  readonly chain: string;
  readonly leftOut: ReadonlySet<LeftOut>;
  readonly metNewer: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The version of the rules that folded it. */
  readonly foldedBy: number;
};

/** How people ask for an entry. */
type Ask<Wish extends string, By extends string, Args, Payload, Folded> = {
  readonly kind: Wish;
  /** `screen`: anybody's, through `request.do`. `deed`: a feature's own, because something goes with it. */
  readonly givenBy: By;
  /** Said to whoever may not write it. */
  readonly notPermitted: string;
  /** What is to be written for it, on a request of which `when` holds. What it gives is read by the entry's schema. */
  readonly make: (args: Args, on: DecidedOn<Folded>) => Payload | Refused;
  /** Said if the schema refuses that. */
  readonly invalid: string;
};

type RequestWords<Payload, Told> = {
  readonly label: string;
  /** While it waits to be sent. */
  readonly waiting: (payload: Payload) => string;
  /** In the history, after its writer's name: `reopened the request`. */
  readonly history: (told: Told) => string;
};

type Given<
  Name extends string,
  Shape extends z.ZodRawShape,
  W extends When,
  Told extends object,
  Wish extends string,
  By extends "screen" | "deed",
  Args,
> = {
  readonly type: `org.hearth.request.${Name}`;
  /** The version of the rules that it came with. What it means never changes after that (SPEC [L14]). */
  readonly since: number;
  readonly permission: Permission;
  /** What it says beside its envelope. */
  readonly payload: Shape;
  readonly example: z.input<z.ZodObject<typeof envelope & NoInfer<Shape>>>;
  readonly when: W;
  /** What the request says after it; undefined for a summary, which says what was said already. */
  readonly apply:
    | ((
        folded: FoldedWhen<W>,
        content: z.infer<z.ZodObject<typeof envelope & Shape>>,
        sender: UserId,
      ) => Effect<W>)
    | undefined;
  /** What it says again, whatever was said of it before. */
  readonly says: (payload: z.infer<z.ZodObject<Shape>>) => readonly LeftOut[];
  /** What the history keeps of it. */
  readonly describe: (payload: z.infer<z.ZodObject<Shape>>) => Told;
  readonly words: RequestWords<z.infer<z.ZodObject<Shape>>, NoInfer<Told>>;
  readonly ask: Ask<Wish, By, Args, z.infer<z.ZodObject<Shape>>, FoldedWhen<W>>;
};

/**
 * An entry of a request's log, all of it: shape, permission, when it counts and what it changes, how it reads, and how people
 * ask for it. `entries.ts` lists them; the rules, the commands and the history are made from that list.
 */
export function defineRequestEntry<
  const Name extends string,
  Shape extends z.ZodRawShape,
  const W extends When,
  Told extends object,
  const Wish extends string,
  const By extends "screen" | "deed",
  Args,
>({ payload, example, ...given }: Given<Name, Shape, W, Told, Wish, By, Args>) {
  const schema = z.object({ ...envelope, ...payload }) as unknown as z.ZodObject<typeof envelope & Shape>;
  const entry = defineEntry({ ...given, schema, example: example as z.input<typeof schema> });
  return {
    ...given,
    ...(entry as EntryDefinition<typeof schema, Permission>),
    type: given.type,
    words: given.words,
    name: given.type.slice("org.hearth.request.".length) as Name,
    payload: z.object(payload),
  };
}
