// All that an org's rooms hold, with everything that differs from one run to the next given a name.
import { stateOf, timeline } from "./botPeople.ts";
import type { TimelineEvent } from "./botPeople.ts";
import { expectOk } from "./rawClient.ts";
import type { RawClient } from "./rawClient.ts";

export interface OrgRoom {
  readonly id: string;
  readonly type: string;
  readonly state: readonly TimelineEvent[];
}

/** The org's rooms that the bot is in, but for those of newcomers, which it is about to leave. */
export async function roomsOf(bot: RawClient, orgId: string): Promise<OrgRoom[]> {
  const { joined_rooms } = (await expectOk(bot.request("GET", "/_matrix/client/v3/joined_rooms"))) as {
    joined_rooms: string[];
  };
  const rooms: OrgRoom[] = [];
  for (const id of joined_rooms) {
    const state = await stateOf(bot, id);
    const create = state.find(({ type }) => type === "m.room.create")?.content;
    const type = String(create?.["type"]);
    if (create?.["org.hearth.org_id"] === orgId && type !== "org.hearth.onboarding")
      rooms.push({ id, type, state });
  }
  return rooms.toSorted((a, b) => (a.type < b.type ? -1 : 1));
}

/** How many accounts could still be made by invites. */
export async function openRegistrations(bot: RawClient): Promise<number> {
  const tokens = await expectOk(bot.request("GET", "/_synapse/admin/v1/registration_tokens?valid=true"));
  return (tokens["registration_tokens"] as unknown[]).length;
}

/**
 * State, answers, audit entries and comings and goings of an org's rooms as text. Ids and times become names in the
 * order in which they first appear, so that two runs of the same story give the same text, and an entry too many, a
 * time that does not fit or an answer to something else gives another.
 */
export async function orgSnapshot(bot: RawClient, orgId: string, rooms: readonly OrgRoom[]): Promise<string> {
  const lines: string[] = [];
  for (const { id, type, state } of rooms) {
    const events = await timeline(bot, id);
    const told = events.filter((event) =>
      ["org.hearth.command", "org.hearth.result", "org.hearth.audit", "m.room.message"].includes(event.type),
    );
    lines.push(`room ${type}`);
    // What was said, in its order, answers after what they answer.
    for (const event of told.filter((each) => each.sender !== bot.userId)) {
      lines.push(`asked ${event.event_id} ${line(event)}`);
      for (const answer of told.filter(({ content }) => answers(content) === event.event_id))
        lines.push(`answered ${line(answer)}`);
    }
    for (const event of told.filter(({ type: of }) => of === "org.hearth.audit")) lines.push(line(event));
    // The later of two invites was made later, whatever their random ids.
    const ordered = state.toSorted((a, b) =>
      a.type !== b.type
        ? a.type < b.type
          ? -1
          : 1
        : a.type === "org.hearth.invite"
          ? Number(a.content["created_at"]) - Number(b.content["created_at"])
          : (a.state_key ?? "") < (b.state_key ?? "")
            ? -1
            : 1,
    );
    lines.push(...ordered.map((event) => `state ${line(event)}`));
    const moves = events
      .filter((event) => event.type === "m.room.member")
      .map((event) => `member ${event.state_key} ${String(event.content["membership"])}`);
    lines.push(...moves.toSorted());
  }
  return named(lines.join("\n").replaceAll(orgId, "ORG"));
}

function answers(content: Record<string, unknown>): string | undefined {
  return (content["m.relates_to"] as { event_id?: string } | undefined)?.event_id;
}

function line({ type, state_key, sender, content }: TimelineEvent): string {
  return JSON.stringify([type, state_key, sender, content]);
}

/** Event and room ids, ids of commands and invites, hashes and tokens, and times in milliseconds. */
function named(text: string): string {
  const names = new Map<string, string>();
  return text.replaceAll(
    /[$!][A-Za-z0-9_-]{43}|(?<![A-Za-z0-9_-])(?=[a-z_-]*[A-Z0-9])(?:[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])|(?<!\d)1[0-9]{12}(?!\d)/g,
    (found) => {
      const name = names.get(found) ?? `#${names.size}`;
      names.set(found, name);
      return name;
    },
  );
}
