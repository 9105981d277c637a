import type { RawEvent } from "../homeserver.ts";
import type { HomeserverInMemory } from "./homeserverInMemory.ts";
import { BOT } from "./org.ts";

/** Whatever the order in which the fields were written. */
const inOrder = (_key: string, value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
    : value;

const line = ({ type, state_key, sender, content }: RawEvent): string =>
  JSON.stringify([type, state_key, sender, content], inOrder);

const answered = ({ content }: RawEvent) =>
  (content["m.relates_to"] as { event_id?: string } | undefined)?.event_id;

/**
 * All that a server holds in the end, as text: state, answers, audit entries, comings and goings of every room, and what
 * is kept of accounts. An entry too many, an answer to something else or a time that does not fit gives another text.
 */
export function endState({ data }: HomeserverInMemory): string {
  const lines: string[] = [];
  for (const [id, { state, timeline, blocked }] of [...data.rooms].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    lines.push(`room ${id}${blocked ? ", closed" : ""}`);
    const told = timeline.filter(({ type }) =>
      ["org.hearth.command", "org.hearth.result", "org.hearth.audit", "m.room.message"].includes(type),
    );
    // What was said, in its order, answers after what they answer.
    const asked = told.filter(({ sender }) => sender !== BOT);
    for (const event of asked) {
      lines.push(`asked ${event.event_id} ${line(event)}`);
      for (const answer of told.filter((each) => answered(each) === event.event_id))
        lines.push(`answered ${line(answer)}`);
    }
    for (const event of told.filter(({ type }) => type === "org.hearth.audit")) lines.push(line(event));
    lines.push(...[...state.values()].map((event) => `state ${line(event)}`).toSorted());
    const moves = timeline.filter(({ type }) => type === "m.room.member");
    lines.push(
      ...moves.map((event) => `member ${event.state_key} ${String(event.content["membership"])}`).toSorted(),
    );
  }
  const listed = (sets: ReadonlyMap<string, ReadonlySet<string>>) =>
    Object.fromEntries([...sets].map(([key, values]) => [key, [...values].toSorted()]));
  const kept = {
    accountData: Object.fromEntries(data.accountData),
    tokens: Object.fromEntries(data.tokens),
    backups: Object.fromEntries(data.backups),
    devices: listed(data.devices),
    halves: [...data.halves].toSorted(),
    media: listed(data.media),
    ended: [...data.ended].toSorted(),
  };
  for (const [what, value] of Object.entries(kept)) lines.push(`${what} ${JSON.stringify(value, inOrder)}`);
  return lines.join("\n");
}
