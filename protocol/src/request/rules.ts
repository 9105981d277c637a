import type { z } from "zod";
import type { UserId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import { applyChanges } from "./changes.ts";
import type { Envelope } from "./envelope.ts";
import { Closed } from "./events/closed.ts";
import { Edited } from "./events/edited.ts";
import { Opened } from "./events/opened.ts";
import { Reopened } from "./events/reopened.ts";
import { Snapshot, type FoldedRequest } from "./events/snapshot.ts";
import { StatusSet } from "./events/statusSet.ts";
import type { RequestFieldName } from "./fields.ts";
import type { EntryRefusal, HistoryItem, LeftOut } from "./model.ts";

/**
 * What an entry of one type and version means: for ever, so that clients of two versions fold it alike (SPEC [L14] to
 * [L16]). A new meaning is a new version or a new type.
 */
export type EntryRule<Content extends Envelope = Envelope> = {
  readonly type: string;
  readonly v: number;
  /** The version of the rules that it came with. */
  readonly since: number;
  readonly schema: z.ZodType<Content>;
  readonly permission: Permission;
  /** Why it can't change a request in this state; undefined if it can. */
  readonly refusal: (folded: FoldedRequest | undefined) => EntryRefusal | undefined;
  /**
   * What the request says after it; undefined for a summary, which says what was said already. Called only where
   * `refusal` let it pass: so `folded` is there for all but an opening.
   */
  readonly apply:
    | ((folded: FoldedRequest | undefined, content: Content, sender: UserId) => FoldedRequest)
    | undefined;
  /** How it stands in the history. */
  readonly describe: (content: Content) => Exclude<HistoryItem["what"], { kind: "refused" }>;
  /** What it says anew, whatever was said of it before. */
  readonly says: (content: Content) => readonly LeftOut[];
};

/** All that one version of Hearth knows of a request's log. */
export type RuleSet = { readonly version: number; readonly entries: readonly EntryRule[] };

type Rule<Schema extends z.ZodType> = EntryRule<z.infer<Schema> & Envelope>;

/** An entry's rule from its definition. The types of its content end here: who reads an entry parses it with `schema`. */
function rule<Schema extends z.ZodType>(
  definition: { readonly type: string; readonly schema: Schema },
  of: Omit<Rule<Schema>, "type" | "schema" | "v" | "since">,
): EntryRule {
  return { type: definition.type, v: 1, since: 1, schema: definition.schema, ...of } as unknown as EntryRule;
}

const whileOpen = (folded: FoldedRequest | undefined): EntryRefusal | undefined => {
  if (!folded) return "not_open_yet";
  return folded.closed ? "closed" : undefined;
};

/** A rule for what comes after the opening. */
function change<Content>(
  apply: (folded: FoldedRequest, content: Content, sender: UserId) => Partial<FoldedRequest>,
) {
  return (folded: FoldedRequest | undefined, content: Content, sender: UserId): FoldedRequest => {
    if (!folded) throw new Error("an entry before the opening must be refused");
    return { ...folded, ...apply(folded, content, sender), count: folded.count + 1 };
  };
}

/** The rules of this version. */
export const RULES: RuleSet = {
  version: 1,
  entries: [
    rule(Opened, {
      permission: "administer_requests",
      refusal: (folded) => (folded ? "already_open" : undefined),
      apply: (_, content, sender) => ({
        display_id: content.display_id,
        opened_by: sender,
        opened_at: content.at,
        fields: content.fields,
        hand_status: null,
        closed: null,
        heads: [],
        counters: {},
        count: 1,
      }),
      describe: () => ({ kind: "opened" }),
      says: () => [],
    }),
    rule(Edited, {
      permission: "edit_request_data",
      refusal: whileOpen,
      apply: change((folded, { changes }) => ({ fields: applyChanges(folded.fields, changes) })),
      describe: ({ changes }) => ({ kind: "edited", fields: Object.keys(changes) as RequestFieldName[] }),
      says: ({ changes }) => Object.keys(changes) as RequestFieldName[],
    }),
    rule(StatusSet, {
      permission: "edit_request_data",
      refusal: whileOpen,
      apply: change((_, { status }) => ({ hand_status: status })),
      describe: ({ status }) => ({ kind: "status", status }),
      says: () => ["status"],
    }),
    rule(Closed, {
      permission: "close_requests",
      refusal: whileOpen,
      apply: change((_, { at, outcome }, by) => ({
        closed: { by, at, ...(outcome === undefined ? {} : { outcome }) },
      })),
      describe: ({ outcome }) => ({ kind: "closed", ...(outcome === undefined ? {} : { outcome }) }),
      says: () => ["outcome"],
    }),
    rule(Reopened, {
      permission: "close_requests",
      refusal: (folded) => {
        if (!folded) return "not_open_yet";
        return folded.closed ? undefined : "not_closed";
      },
      apply: change(() => ({ closed: null })),
      describe: () => ({ kind: "reopened" }),
      says: () => ["outcome"],
    }),
    rule(Snapshot, {
      permission: "edit_request_data",
      refusal: () => undefined,
      apply: undefined,
      describe: () => ({ kind: "snapshot" }),
      says: () => [],
    }),
  ],
};

/** The rules as an older version had them. */
export function rulesOf(rules: RuleSet, version: number): RuleSet {
  return { version, entries: rules.entries.filter(({ since }) => since <= version) };
}

/** What an entry of this type asks of its sender, as these rules know; undefined for a type that they don't know. */
export function permissionFor(rules: RuleSet, type: string): Permission | undefined {
  return rules.entries.findLast((entry) => entry.type === type)?.permission;
}
