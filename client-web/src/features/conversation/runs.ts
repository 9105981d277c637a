import type { TimelineItem } from "@hearth/client-core/contract.ts";
import { count } from "../../ui/count.ts";

/** Who was added, came and went between two things that were said. */
export type Comings = { readonly id: string; readonly comings: readonly TimelineItem[] };
export type Line = TimelineItem | Comings;

const isComing = ({ body }: TimelineItem) => body.kind === "membership" || body.kind === "device";
/** What is said, or should be, keeps its place among what stands around it; what was done does not part comings. */
const parts = ({ body }: TimelineItem) => body.kind !== "log" && !isComing({ body } as TimelineItem);

/**
 * The timeline with all comings and goings between two messages as one line, where the first of them stood: six
 * invitations before the first word are one line. All else keeps its place.
 * @param breaksBefore whether something stands in the list before this item that comings don't cross, such as a new day
 */
export function runsOf(
  timeline: readonly TimelineItem[],
  breaksBefore: (item: TimelineItem, previous: TimelineItem | undefined) => boolean,
): Line[] {
  const lines: Line[] = [];
  let run: TimelineItem[] | undefined;
  timeline.forEach((item, i) => {
    if (parts(item) || breaksBefore(item, timeline[i - 1])) run = undefined;
    if (!isComing(item)) return void lines.push(item);
    if (run) return void run.push(item);
    run = [item];
    lines.push({ id: item.id, comings: run });
  });
  return lines.map((line) =>
    "comings" in line && line.comings.length === 1 && line.comings[0] ? line.comings[0] : line,
  );
}

/** Several comings in a few words, such as "4 added, 3 joined". */
export function comingsWords({ comings }: Comings): string {
  const changes = comings.map(({ body }) =>
    body.kind === "membership" ? body.change : body.kind === "device" ? "device" : undefined,
  );
  const count = (change: (typeof changes)[number]) => changes.filter((each) => each === change).length;
  const words = [
    [count("invite"), "added"],
    [count("join"), "joined"],
    [count("leave"), "left"],
    [count("device"), count("device") === 1 ? "new device" : "new devices"],
  ] as const;
  return words.flatMap(([many, word]) => (many > 0 ? [`${many} ${word}`] : [])).join(", ");
}

/**
 * What others said or did below what was in view last, such as "3 new messages".
 * @param seen the event that was lowest in view; below one that is not known here stands nothing new
 */
export function newsBelow(timeline: readonly TimelineItem[], seen: string | undefined): string | undefined {
  const at = timeline.findIndex(({ id }) => id === seen);
  const news = at < 0 ? [] : timeline.slice(at + 1).filter((item) => !item.mine && !isComing(item));
  if (news.length === 0) return undefined;
  return news.every(({ body }) => body.kind === "message")
    ? count(news.length, "new message")
    : `${news.length} new`;
}
