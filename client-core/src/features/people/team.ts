import { Duty, Member, Profile, Role, UserId, userIdFromMemberStateKey } from "@hearth/protocol";
import type { MemberRow, TeamView } from "../../contract/index.ts";
import { members, nameOf } from "../../org/org.ts";
import { memberRow, teamView, type TeamDeps } from "../../org/orgViews.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import { namedOnly, type Keys } from "../../store/change.ts";
import type { View } from "../../store/shown.ts";

/** What of one person, and of nobody else, changes their row. */
const OF_ONE = [`org/${Member.type}/*`, `org/${Profile.type}/*`, `org/${Duty.type}/*`, "keys/*"] as const;

type Deps = TeamDeps & { readonly book: Pick<RoomBook, "org" | "now"> };

/** The team list: a row for each person, made again when something that this row is made of has changed. */
export class Team implements View<"team"> {
  readonly slice = "team";
  readonly reads: View["reads"] = [...OF_ONE, `org/${Role.type}/*`, "org/m.room.create/", "roster", "time"];
  readonly #deps: Deps;
  readonly #rows = new Map<string, MemberRow>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  readonly make = (keys: Keys | undefined): TeamView | undefined => {
    const { org } = this.#deps.book;
    if (!org) return undefined;
    const now = this.#deps.book.now();
    const named = keys && namedOnly(keys, OF_ONE);
    if (!named) this.#rows.clear();
    const changed = named ? [...named].map(userOf) : members(org).map((one) => one.userId);
    for (const userId of changed) {
      const row = userId && memberRow(org, userId, now, this.#deps);
      if (row) this.#rows.set(row.userId, row);
    }
    // Whoever is called like somebody whose name has changed is called otherwise now.
    for (const row of this.#rows.values())
      if (row.name !== nameOf(org, row.userId as UserId))
        this.#rows.set(row.userId, memberRow(org, row.userId as UserId, now, this.#deps) ?? row);
    return teamView(this.#rows.values(), this.#deps);
  };
}

/** By their id, or by the state key of what the bot writes of them. */
function userOf(key: string): UserId | undefined {
  return UserId.safeParse(key).data ?? userIdFromMemberStateKey(key);
}
