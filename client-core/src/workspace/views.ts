import {
  Access,
  Attributes,
  Invite,
  Member,
  Profile,
  RequestTypes,
  Role,
  Tags,
  Wipe,
  WipeWish,
  type SureTime,
  type UserId,
} from "@hearth/protocol";
import type { ClockView, Slice } from "../contract/index.ts";
import { Team } from "../features/people/team.ts";
import { mayNow, ownPermissions } from "../features/requests/requestListView.ts";
import { isAdmin, isMember, nameOf } from "../org/org.ts";
import { invitesView, orgView } from "../org/orgViews.ts";
import { outboxView } from "../outbox/outboxView.ts";
import type { Reader } from "../store/commit.ts";
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
      // These for what of them is left out.
      `org/${Member.type}/*`,
      `org/${Attributes.type}/*`,
      `org/${Invite.type}/*`,
      `org/${Wipe.type}/*`,
      `org/${WipeWish.type}/*`,
      `org/${Access.type}/*`,
      "org/m.room.create/",
    ],
    make: () => book.org && orgView(book.org, book.policy()),
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
  add({ slice: "clock", reads: ["clock"], make: () => clockView(session.sureTime()) });
  const told = [ownSession(parts), policyForSession(parts), peopleForSession(parts)];
  return {
    readers: [...readers, ...told, openRooms],
    all: () => {
      for (const reader of told) void reader.run(new Set());
      for (const make of makers) make();
    },
  };
}

function clockView({ isDoubted, aheadMs, believedInMs }: SureTime): ClockView | undefined {
  const minutes = (ms: number) => Math.ceil(ms / 60_000) * 60_000;
  return isDoubted ? { aheadMs: minutes(aheadMs), believedInMs: minutes(believedInMs) } : undefined;
}

/** What the slice `session` says of this person in the organisation, and of the connection. */
function ownSession({ session, book, sync }: Parts): Reader {
  const { userId } = session;
  return {
    name: "showing who this is",
    reads: [...ownPermissions(userId), `org/${Profile.type}/*`, "org/m.room.create/", "connection"],
    run: () => {
      const { org } = book;
      session.describe({
        connection: sync.connection.view,
        ...(org && {
          permissions: [...mayNow(book, userId)].toSorted(),
          isAdmin: isAdmin(org, userId, book.now()),
          displayName: nameOf(org, userId),
        }),
      });
    },
  };
}

/** The session acts by the policy, and by nothing that is shown of it. */
function policyForSession({ session, book }: Parts): Reader {
  return {
    name: "telling the session of the policy",
    reads: ["policy"],
    run: () => {
      const policy = book.policy();
      if (policy) session.told.setPolicy(policy);
    },
  };
}

function peopleForSession({ session, book }: Parts): Reader {
  return {
    name: "telling the session who is who",
    reads: [
      `org/${Member.type}/*`,
      `org/${Profile.type}/*`,
      `org/${Role.type}/*`,
      "org/m.room.create/",
      "keys/*",
      "roster",
      "time",
    ],
    run: () => {
      const { org } = book;
      if (!org) return;
      session.told.setPeople({
        nameOf: (userId) => nameOf(org, userId as UserId),
        isMember: (userId) => isMember(org, userId as UserId, book.now()),
      });
    },
  };
}
