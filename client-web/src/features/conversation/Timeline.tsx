"use client";

import type { RoomView, TimelineItem } from "@hearth/client-core/contract.ts";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { useNow } from "../../ui/Time.tsx";
import { dayAndTime, dayName, sameDay } from "../../ui/time.ts";
import { AccessHere, AskHere } from "../access/AskHere.tsx";
import { Message } from "./Message.tsx";
import styles from "./Timeline.module.css";

/** Within this much, somebody who goes on talking is not named again. */
const TOGETHER_MS = 5 * 60_000;
const NEAR_END_PX = 80;

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
  const timeline = room.timeline.filter(
    (item) => !(item.body.kind === "log" && item.body.entry?.kind === "snapshot"),
  );
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const before = useRef<{ first: string | undefined; height: number }>({ first: undefined, height: 0 });
  // Where the news began when the room was opened; reading it must not move the line away from under the reader.
  const [firstUnread] = useState(room.firstUnreadId);
  const older = useCommand("room.loadOlder");
  const { run: markRead } = useCommand("room.markRead");
  const now = useNow();
  const unreadable = timeline.some((item) => item.body.kind === "unreadable");
  const first = timeline[0]?.id;
  const last = timeline.at(-1)?.id;

  useLayoutEffect(() => {
    const box = scroller.current;
    if (!box) return;
    if (before.current.first === undefined && firstUnread !== undefined) {
      const news = box.querySelector<HTMLElement>("[data-news]");
      box.scrollTop = (news?.offsetTop ?? box.scrollHeight) - box.clientHeight / 3;
      atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    } else if (atEnd.current) box.scrollTop = box.scrollHeight;
    else if (before.current.first !== first) box.scrollTop += box.scrollHeight - before.current.height;
    before.current = { first, height: box.scrollHeight };
  }, [first, last, timeline.length, firstUnread]);

  useEffect(() => {
    if (last === undefined) return;
    const seen = () => {
      if (document.visibilityState === "visible") void markRead({ roomId });
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, [markRead, roomId, last]);

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="log"
      aria-label="Messages"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
      tabIndex={0}
      onScroll={(event) => {
        const box = event.currentTarget;
        atEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
      }}
    >
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
        {timeline.map((item, i) => {
          const previous = timeline[i - 1];
          const newDay = !previous || !sameDay(previous.at, item.at);
          return (
            <li key={item.id}>
              {newDay ? (
                <p className={styles.day}>
                  <span>{dayName(item.at, now)}</span>
                </p>
              ) : null}
              {item.id === firstUnread ? (
                <p className={styles.news} data-news>
                  <span>New</span>
                </p>
              ) : null}
              <Message item={item} continues={!newDay && continues(previous, item)} onReply={onReply} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function continues(previous: TimelineItem | undefined, item: TimelineItem): boolean {
  return (
    previous?.body.kind === "message" &&
    item.body.kind === "message" &&
    previous.sender === item.sender &&
    item.at - previous.at < TOGETHER_MS
  );
}
