"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useEffect, useState } from "react";
import { shareDrafts } from "../../client/drafts.ts";
import { useMediaQuery } from "../../client/useMediaQuery.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Page.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { AskAccess } from "../access/AskAccess.tsx";
import { AddPeople } from "./AddPeople.tsx";
import { Back } from "./Back.tsx";
import { Conversation } from "./Conversation.tsx";
import { Details } from "./Details.tsx";
import { EditDialog } from "./EditDialog.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import styles from "./Room.module.css";

/**
 * One request: who it is about, what is being said, and what can be done.
 *
 * @param onRenamed the server has made the room of a request that was opened here: its real id takes over
 */
export function Room({
  roomId,
  onRenamed,
}: {
  roomId: string;
  onRenamed: (from: string, to: string) => void;
}) {
  const latest = useView(`room:${roomId}`);
  // What was ready once goes on being shown while the client loads it anew, be it by another id. Else whatever somebody
  // is typing or choosing here would lose its place.
  const [ready, setReady] = useState<RoomView>();
  if (latest?.status === "ready" && latest !== ready) setReady(latest);
  const room = latest === undefined || latest.status === "loading" ? (ready ?? latest) : latest;
  const { run: open, failure } = useCommand("room.open");
  const { run: close } = useCommand("room.close");
  const wide = useMediaQuery("(min-width: 1180px)");
  // Kept here and not beside their buttons, so that turning a tablet does not shut them.
  const [dialog, setDialog] = useState<"edit" | "people">();
  const [asking, setAsking] = useState<{ before: number | undefined }>();
  const [tab, setTab] = useState<"talk" | "details">("talk");

  useEffect(() => {
    void open({ roomId });
    return () => void close({ roomId });
  }, [open, close, roomId]);

  // The outbox got through: the request now has the id of its room.
  const realId = latest?.roomId ?? roomId;
  shareDrafts(roomId, realId);
  useEffect(() => {
    if (realId !== roomId) onRenamed(roomId, realId);
  }, [onRenamed, roomId, realId]);

  if (failure && room === undefined)
    return (
      <Empty
        title="This request can’t be opened"
        actions={<Button onPress={() => void open({ roomId })}>Try again</Button>}
      >
        <Banner tone="danger">{failure.message}</Banner>
      </Empty>
    );
  if (room === undefined || room.status === "loading")
    return (
      <div className={styles.loading} role="status">
        <Back />
        <Spinner /> Loading the request…
      </div>
    );
  if (room.status === "not_found")
    return (
      <Empty
        title="You can’t see this request"
        actions={<LinkButton href="/requests/">Back to the list</LinkButton>}
      >
        <p>It may be gone, or you are not one of its people. Somebody who is can add you.</p>
      </Empty>
    );

  const talk = <Conversation room={room} onAsk={(before) => setAsking({ before })} />;
  const details = (
    <Details room={room} onEdit={() => setDialog("edit")} onAddPeople={() => setDialog("people")} />
  );
  return (
    <article
      className={styles.room}
      aria-label={room.request ? `Request ${room.request.displayId}` : "Request"}
    >
      <RoomHeader room={room} />
      {wide ? (
        <div className={styles.split}>
          <section className={styles.talk} aria-label="Chat">
            {talk}
          </section>
          <aside className={styles.details} aria-label="Details">
            {details}
          </aside>
        </div>
      ) : (
        <Tabs
          label="Parts of the request"
          value={tab}
          onChange={setTab}
          tabs={[
            { key: "talk", label: "Chat", panel: talk },
            { key: "details", label: "Details", panel: <div className={styles.scroll}>{details}</div> },
          ]}
        />
      )}
      {dialog === "edit" && room.request ? (
        <EditDialog roomId={room.roomId} fields={room.request.fields} onClose={() => setDialog(undefined)} />
      ) : null}
      {asking ? (
        <AskAccess
          roomId={room.roomId}
          {...(asking.before === undefined ? {} : { before: asking.before })}
          onClose={() => setAsking(undefined)}
        />
      ) : null}
      {dialog === "people" ? <AddPeople room={room} onClose={() => setDialog(undefined)} /> : null}
    </article>
  );
}
