import { Invite, Profile, RequestTypes, Role, Tags } from "@hearth/protocol";
import type { SessionView, Slice } from "../contract/index.ts";
import { Team } from "../features/people/team.ts";
import { mayNow, ownPermissions } from "../features/requests/requestListView.ts";
import { isAdmin, nameOf } from "../org/org.ts";
import { invitesView, orgView } from "../org/orgViews.ts";
import { outboxView } from "../outbox/outboxView.ts";
import type { Reader } from "../store/commit.ts";
import { share } from "../store/share.ts";
import type { View } from "../store/shown.ts";
import type { Parts } from "./parts.ts";

/** Everything that is shown of a workspace, and what makes it again. */
export function viewsOf(parts: Parts): { readonly readers: Reader[]; readonly all: () => void } {
  const { session, book, shown, requestList, openRooms, roster, access, wipes, outbox } = parts;
  const { recipients, book: rosterBook } = roster;
  const team = new Team({ me: session.userId, book, recipients, roster: rosterBook });
  const org: View<"org"> = {
    slice: "org",
    reads: [
      "policy",
      `org/${Role.type}/*`,
      `org/${RequestTypes.type}/*`,
      `org/${Tags.type}/*`,
      "org/m.room.create/",
    ],
    make: () => book.org && orgView(book.org),
  };
  const invites: View<"invites"> = {
    slice: "invites",
    reads: [`org/${Invite.type}/*`, "time"],
    make: () => book.org && invitesView(book.org, book.now()),
  };
  const makers: (() => void)[] = [];
  const readers: Reader[] = [];
  const add = <S extends Slice>(view: View<S>) => {
    readers.push(shown.reader(view));
    makers.push(() => shown.set(view.slice, view.make(undefined)));
  };
  add(org);
  add(team);
  add(invites);
  add(requestList);
  add(outboxView(outbox));
  add(wipes.view);
  add(access.view);
  const own = ownSession(parts);
  return {
    readers: [...readers, own, openRooms],
    all: () => {
      void own.run(new Set());
      for (const make of makers) make();
    },
  };
}

/** What the slice `session` says of this person in the organisation, and of the connection. */
function ownSession({ session, book, sync }: Parts): Reader {
  const { userId } = session;
  let last: Partial<SessionView> = {};
  return {
    name: "showing who this is",
    reads: [...ownPermissions(userId), `org/${Profile.type}/${userId}`, "org/m.room.create/", "connection"],
    run: () => {
      const { org } = book;
      const next = share(last, {
        connection: sync.connection.view,
        ...(org && {
          permissions: [...mayNow(book, userId)].toSorted(),
          isAdmin: isAdmin(org, userId, book.now()),
          displayName: nameOf(org, userId),
        }),
      });
      if (next !== last) session.views.patchSession(next);
      last = next;
    },
  };
}
