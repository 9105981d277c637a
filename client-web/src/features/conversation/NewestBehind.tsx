"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import styles from "./Room.module.css";

/** In a window that covers the chat: the newest of what others said or did since it opened. It stays unread behind it. */
export function NewestBehind({ room }: { room: RoomView }) {
  const [before] = useState(() => new Set(room.timeline.map(({ id }) => id)));
  const news = room.timeline.filter(
    ({ id, mine, body }) => !before.has(id) && !mine && (body.kind === "message" || body.kind === "log"),
  );
  const newest = news.at(-1);
  return (
    <div role="status">
      {newest?.body.kind === "message" || newest?.body.kind === "log" ? (
        <p className={styles.behind}>
          {newest.body.kind === "message" ? (
            <b>
              <bdi>{newest.senderName}</bdi>:{" "}
            </b>
          ) : null}
          <span dir="auto">{newest.body.text}</span>
          {news.length > 1 ? ` (and ${news.length - 1} more in the chat)` : null}
        </p>
      ) : null}
    </div>
  );
}
