"use client";

import type { DeliveryState, TimelineItem } from "@hearth/client-core/contract.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { clockTime, exactTime } from "../../ui/time.ts";
import { FieldChanges } from "./FieldChanges.tsx";
import styles from "./Timeline.module.css";

/** One thing that happened in the room: said, done, unreadable or refused. Nothing is left out silently. */
export function Message({
  item,
  continues,
  onReply,
}: {
  item: TimelineItem;
  continues: boolean;
  onReply: (item: TimelineItem) => void;
}) {
  const { body } = item;
  switch (body.kind) {
    case "message":
      return <Said item={item} body={body} continues={continues} onReply={onReply} />;
    case "log":
    case "membership":
    case "device":
      return (
        <div className={styles.done}>
          <span>
            {body.text}
            <Clock at={item.at} />
            {body.kind === "log" ? <FieldChanges changes={body.changes} /> : null}
          </span>
          <Delivery id={item.id} state={item.delivery} />
        </div>
      );
    case "redacted":
      return (
        <p className={styles.done}>
          <span>
            A message by <bdi>{item.senderName}</bdi> was removed
            <Clock at={item.at} />
          </span>
        </p>
      );
    case "unreadable":
      return (
        <div className={styles.odd}>
          <Icon name="lock" size={18} />
          <span>
            <b>
              A message by <bdi>{item.senderName}</bdi> can’t be read here
            </b>
            <Clock at={item.at} />
            <br />
            {body.reason} {body.advice}
          </span>
        </div>
      );
    case "refused":
      return (
        <div className={styles.odd} data-refused>
          <Icon name="warning" size={18} />
          <span>
            <b>
              Something by <bdi>{item.senderName}</bdi> was refused and changed nothing
            </b>
            <Clock at={item.at} />
            <br />
            {body.reason}
          </span>
        </div>
      );
  }
}

function Said({
  item,
  body,
  continues,
  onReply,
}: {
  item: TimelineItem;
  body: Extract<TimelineItem["body"], { kind: "message" }>;
  continues: boolean;
  onReply: (item: TimelineItem) => void;
}) {
  const colour = useView("team")?.members.find((member) => member.userId === item.sender)?.colour;
  return (
    <div className={styles.said} data-mine={item.mine || undefined} data-continues={continues || undefined}>
      {item.mine ? null : (
        <span className={styles.face}>
          {continues ? null : <Avatar name={item.senderName} colour={colour} size={34} />}
        </span>
      )}
      <div className={styles.column}>
        {continues ? (
          <span className="visually-hidden">
            <bdi>{item.mine ? "You" : item.senderName}</bdi>:
          </span>
        ) : (
          <p className={styles.who}>
            <b>
              <bdi>{item.mine ? "You" : item.senderName}</bdi>
            </b>
          </p>
        )}
        <div className={styles.bubble}>
          {body.replyTo ? (
            <blockquote className={styles.quote}>
              <b>
                <bdi>{body.replyTo.senderName}</bdi>
              </b>
              <span>
                <bdi>{body.replyTo.text}</bdi>
              </span>
            </blockquote>
          ) : null}
          <p className={styles.text} dir="auto">
            {body.text}
          </p>
        </div>
        <p className={styles.foot}>
          <Clock at={item.at} />
          {item.delivery.kind === "sent" ? (
            <Button kind="quiet" size="small" onPress={() => onReply(item)}>
              Reply
            </Button>
          ) : null}
        </p>
        <Delivery id={item.id} state={item.delivery} />
        {item.warning ? (
          <p className={styles.warning}>
            <Icon name="shield" size={16} /> {item.warning}
          </p>
        ) : null}
      </div>
    </div>
  );
}

function Clock({ at }: { at: number }) {
  return (
    <time className={styles.clock} dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {clockTime(at)}
    </time>
  );
}

/** How far something of one's own has come. */
function Delivery({ id, state }: { id: string; state: DeliveryState }) {
  const retry = useCommand("outbox.retry");
  const discard = useCommand("outbox.discard");
  if (state.kind === "sent") return null;
  if (state.kind === "queued" || state.kind === "sending")
    return (
      <p className={styles.delivery}>
        <Icon name="clock" size={15} /> {state.kind === "queued" ? "Waiting to be sent" : "Sending…"}
      </p>
    );
  const failure = retry.failure ?? discard.failure;
  return (
    <div className={styles.failed}>
      <p>
        <Icon name="warning" size={16} /> Not sent. {failure?.message ?? state.message}
      </p>
      <span className={styles.ways}>
        {state.canRetry ? (
          <Button size="small" busy={retry.busy} onPress={() => void retry.run({ localId: id })}>
            Retry
          </Button>
        ) : null}
        <Button
          size="small"
          kind="quiet"
          busy={discard.busy}
          onPress={() => void discard.run({ localId: id })}
        >
          Discard
        </Button>
      </span>
    </div>
  );
}
