"use client";

import type { RoomView, TimelineItem } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { Composer } from "./Composer.tsx";
import { Notices } from "./Notices.tsx";
import { Timeline } from "./Timeline.tsx";

/** What is said in the room, who does not get it and why, and where one writes. */
export function Conversation({
  room,
  onAsk,
  onWrite,
}: {
  room: RoomView;
  onAsk: (before: number | undefined) => void;
  /** Somebody begins to write. */
  onWrite: () => void;
}) {
  const [replyTo, setReplyTo] = useState<TimelineItem>();
  return (
    <>
      <Notices room={room} />
      <Timeline room={room} onReply={setReplyTo} onAsk={onAsk} />
      <Composer
        roomId={room.roomId}
        replyTo={replyTo}
        onReplyDone={() => setReplyTo(undefined)}
        onWrite={onWrite}
      />
    </>
  );
}
