"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useEffect, useState } from "react";
import { shareDrafts } from "../../client/drafts.ts";
import { useMediaQuery } from "../../client/useMediaQuery.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { DialogNews } from "../../ui/Dialog.tsx";
import { Empty } from "../../ui/Page.tsx";
import { Scroll } from "../../ui/Scroll.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { AskAccess } from "../access/AskAccess.tsx";
import { AddPeople } from "./AddPeople.tsx";
import { Back } from "./Back.tsx";
import { Conversation } from "./Conversation.tsx";
import { Details } from "./Details.tsx";
import { Brief } from "./Brief.tsx";
import { NewestBehind } from "./NewestBehind.tsx";
import { EditDialog } from "./EditDialog.tsx";
import { RoomHeader } from "./RoomHeader.tsx";
import styles from "./Room.module.css";

/** A phone on its side: what is asked first begins folded. */
const SHORT_PX = 520;

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
  // What one asks first is folded away once one writes, and stays so: nothing moves under a thumb when one stops.
  const [fold, setFolded] = useState<boolean>();
  const hasWritten = room?.timeline.some(({ mine, body }) => mine && body.kind === "message") ?? false;
  const [isShort] = useState(() => window.innerHeight < SHORT_PX);
  const folded = fold ?? (hasWritten || isShort);
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

  const talk = (
    <Conversation room={room} onAsk={(before) => setAsking({ before })} onWrite={() => setFolded(true)} />
  );
  const details = (
    <Details room={room} onEdit={() => setDialog("edit")} onAddPeople={() => setDialog("people")} />
  );
  return (
    <DialogNews value={<NewestBehind room={room} />}>
      <article
        className={styles.room}
        data-folded={folded || undefined}
        aria-label={room.request ? `Request ${room.request.displayId}` : "Request"}
      >
        <RoomHeader room={room} />
        {wide ? (
          <div className={styles.split}>
            <section className={styles.talk} aria-label="Chat">
              {talk}
            </section>
            <Scroll className={styles.details} label="Details">
              {details}
            </Scroll>
          </div>
        ) : (
          <Tabs
            label="Parts of the request"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                key: "talk",
                label: "Chat",
                panel: (
                  <>
                    {room.request ? (
                      <Brief request={room.request} folded={folded} onFold={setFolded} />
                    ) : null}
                    {talk}
                  </>
                ),
              },
              {
                key: "details",
                label: "Details",
                panel: (
                  <Scroll className={styles.scroll} label="Details of the request">
                    {details}
                  </Scroll>
                ),
              },
            ]}
          />
        )}
        {dialog === "edit" && room.request ? (
          <EditDialog
            roomId={room.roomId}
            fields={room.request.fields}
            setBy={room.request.setBy}
            onClose={() => setDialog(undefined)}
          />
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
    </DialogNews>
  );
}
