"use client";

import type { RoomView, TimelineItem } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { Banner } from "../../ui/Banner.tsx";
import { Link } from "../../ui/Link.tsx";
import { Composer } from "./Composer.tsx";
import { NewDevices } from "./NewDevices.tsx";
import styles from "./Room.module.css";
import { Timeline } from "./Timeline.tsx";

/** What is said in the room, who does not get it and why, and where one writes. */
export function Conversation({
  room,
  onAsk,
}: {
  room: RoomView;
  onAsk: (before: number | undefined) => void;
}) {
  const [replyTo, setReplyTo] = useState<TimelineItem>();
  const newDevices = room.newDevices ?? [];
  return (
    <>
      {room.withheld.length > 0 || newDevices.length > 0 ? (
        <div className={styles.notes} role="status">
          {room.withheld.map((person) => (
            <Banner key={person.userId} tone="warn" flat>
              <span>
                <b>
                  <bdi>{person.name}</bdi> gets no messages.
                </b>{" "}
                {person.reason} <Link href="/team/">Look at it on the Team page</Link>
              </span>
            </Banner>
          ))}
          {newDevices.map((notice) => (
            <NewDevices key={notice.userId} notice={notice} />
          ))}
        </div>
      ) : null}
      <Timeline room={room} onReply={setReplyTo} onAsk={onAsk} />
      <Composer roomId={room.roomId} replyTo={replyTo} onReplyDone={() => setReplyTo(undefined)} />
    </>
  );
}
