"use client";

import type { RoomView, TimelineItem } from "@hearth/client-core/contract.ts";
import { useMemo, useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useNow } from "../../ui/Time.tsx";
import { dayAndTime, dayName, sameDay } from "../../ui/time.ts";
import { AccessHere, AskHere } from "../access/AskHere.tsx";
import { Comings } from "./Comings.tsx";
import { Message } from "./Message.tsx";
import { newsBelow, runsOf } from "./runs.ts";
import styles from "./Timeline.module.css";
import { usePinned } from "./usePinned.ts";

/** Within this much, somebody who goes on talking is not named again. */
const TOGETHER_MS = 5 * 60_000;

/** @param onAsk asks for access: to what lies before an instant past the key window, or else to what should be here */
export function Timeline({
  room,
  onReply,
  onAsk,
}: {
  room: RoomView;
  onReply: (item: TimelineItem) => void;
  onAsk: (before: number | undefined) => void;
}) {
  const { roomId } = room;
  // Summaries for those who came later are bookkeeping: they stand in the history, not among what people said.
  const timeline = useMemo(
    () => room.timeline.filter((item) => !(item.body.kind === "log" && item.body.entry?.kind === "snapshot")),
    [room.timeline],
  );
  // Where the news began when the room was opened; reading it must not move the line away from under the reader.
  const [firstUnread] = useState(room.firstUnreadId);
  const older = useCommand("room.loadOlder");
  const { run: markRead } = useCommand("room.markRead");
  const [seen, setSeen] = useState<string>();
  const now = useNow();
  const unreadable = timeline.some((item) => item.body.kind === "unreadable");
  const runs = useMemo(
    () => runsOf(timeline, (item, previous) => isNewDay(previous, item) || item.id === firstUnread),
    [timeline, firstUnread],
  );
  const lines = useMemo(() => runs.map(({ id }) => id), [runs]);
  const last = timeline.at(-1);

  const { scroller, away, toEnd } = usePinned({
    lines,
    startAt: firstUnread,
    // Who writes is at the end again.
    jumpTo: last?.mine === true && last.delivery.kind !== "sent" ? last.id : undefined,
    onSeen: (line) => {
      const at = timeline.findIndex(({ id }) => id === line);
      const event = timeline.slice(0, at + 1).findLast(({ id }) => id.startsWith("$"))?.id;
      // Behind the last line may stand what none is shown of.
      const upTo = line === lines.at(-1) ? (room.endId ?? event) : event;
      if (upTo === undefined) return;
      const isFurther = timeline.findIndex(({ id }) => id === seen) < at;
      if (isFurther && event !== undefined) setSeen(event);
      if (isFurther || line === lines.at(-1)) void markRead({ roomId, upTo });
    },
  });
  const news = newsBelow(timeline, seen);

  return (
    <div className={styles.frame}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label="Messages"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        tabIndex={0}
      >
        <div className={styles.content}>
          {room.hasOlder ? (
            <div className={styles.older}>
              <AccessHere roomId={roomId} />
              <Button size="small" busy={older.busy} onPress={() => void older.run({ roomId })}>
                Load older messages
              </Button>
              {older.failure ? <p role="alert">{older.failure.message}</p> : null}
            </div>
          ) : room.notKept ? (
            <div className={styles.begin}>
              <p>
                Messages before {dayAndTime(room.notKept.before, now)} are no longer kept on this device.
                {room.notKept.keysRemain
                  ? " Their keys could not be deleted yet. Reload Hearth; if this stays, sign out on this device."
                  : null}
              </p>
              <AskHere roomId={roomId} onAsk={() => onAsk(room.notKept?.before)} />
            </div>
          ) : (
            <p className={styles.begin}>This is where the request begins.</p>
          )}
          {unreadable && !room.notKept ? (
            <div className={styles.begin}>
              <p>Some messages can’t be read on this device.</p>
              <AskHere roomId={roomId} onAsk={() => onAsk(undefined)} />
            </div>
          ) : null}
          <ol className={styles.list}>
            {runs.map((line, i) => {
              const item = "comings" in line ? line.comings[0] : line;
              if (!item) return null;
              const above = runs[i - 1];
              const previous = above && "comings" in above ? above.comings.at(-1) : above;
              const newDay = isNewDay(previous, item);
              return (
                <li key={line.id} data-line={line.id}>
                  {newDay ? (
                    <p className={styles.day}>
                      <span>{dayName(item.at, now)}</span>
                    </p>
                  ) : null}
                  {item.id === firstUnread ? (
                    <p className={styles.news}>
                      <span>New</span>
                    </p>
                  ) : null}
                  {"comings" in line ? (
                    <Comings of={line} />
                  ) : (
                    <Message item={item} continues={!newDay && continues(previous, item)} onReply={onReply} />
                  )}
                </li>
              );
            })}
          </ol>
        </div>
      </div>
      {away ? (
        <div className={styles.jump}>
          <Button size="small" onPress={toEnd}>
            {news ?? "Newest"}
            <Icon name="down" size={16} />
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function isNewDay(previous: TimelineItem | undefined, item: TimelineItem): boolean {
  return !previous || !sameDay(previous.at, item.at);
}

function continues(previous: TimelineItem | undefined, item: TimelineItem): boolean {
  return (
    previous?.body.kind === "message" &&
    item.body.kind === "message" &&
    previous.sender === item.sender &&
    item.at - previous.at < TOGETHER_MS
  );
}
