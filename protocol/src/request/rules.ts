import type { z } from "zod";
import type { UserId } from "../ids.ts";
import type { Permission } from "../permissions.ts";
import { REFUSALS } from "./defineRequestEntry.ts";
import { REQUEST_ENTRIES, type RequestEntry, type Told } from "./entries.ts";
import type { Envelope } from "./envelope.ts";
import type { FoldedRequest, LeftOut } from "./folded.ts";
import type { EntryRefusal } from "./refusal.ts";

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
  readonly describe: (content: Content) => Told;
  /** What it says anew, whatever was said of it before. */
  readonly says: (content: Content) => readonly LeftOut[];
};

/** All that one version of Hearth knows of a request's log. */
export type RuleSet = { readonly version: number; readonly entries: readonly EntryRule[] };

/** An entry's rule from its definition. The types of its content end here: who reads an entry parses it with `schema`. */
function ruleOf({
  type,
  since,
  schema,
  permission,
  when,
  apply,
  says,
  name,
  describe,
}: RequestEntry): EntryRule {
  const changes = apply as
    | ((folded: unknown, content: Envelope, sender: UserId) => Partial<FoldedRequest>)
    | undefined;
  const refusal = REFUSALS[when];
  return {
    type,
    v: 1,
    since,
    schema,
    permission,
    refusal,
    apply:
      changes &&
      ((folded, content, sender) => {
        if (refusal(folded)) throw new Error("what is refused changes nothing");
        return {
          ...folded,
          ...changes(folded, content, sender),
          count: (folded?.count ?? 0) + 1,
        } as FoldedRequest;
      }),
    describe: (content) => ({ kind: name, ...(describe as (content: Envelope) => object)(content) }) as Told,
    says: says as (content: Envelope) => readonly LeftOut[],
  };
}

/** The rules of this version. */
export const RULES: RuleSet = {
  version: Math.max(...REQUEST_ENTRIES.map(({ since }) => since)),
  entries: REQUEST_ENTRIES.map(ruleOf),
};

/** The rules as an older version had them. */
export function rulesOf(rules: RuleSet, version: number): RuleSet {
  return { version, entries: rules.entries.filter(({ since }) => since <= version) };
}

/** What an entry of this type asks of its sender, as these rules know; undefined for a type that they don't know. */
export function permissionFor(rules: RuleSet, type: string): Permission | undefined {
  return rules.entries.findLast((entry) => entry.type === type)?.permission;
}
