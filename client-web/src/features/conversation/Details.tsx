"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import type { ReactNode } from "react";
import { useView } from "../../client/port.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge, PRIORITY_LABELS } from "../../ui/Badge.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { At } from "../../ui/Time.tsx";
import { Going } from "./Brief.tsx";
import { incompleteWords } from "./incomplete.ts";
import { Caller, Where } from "./Reach.tsx";
import { FieldChanges } from "./FieldChanges.tsx";
import styles from "./Room.module.css";
import { useNames } from "./useNames.ts";

/** What is known of the request, who is in it, and what has happened. */
export function Details({
  room,
  onEdit,
  onAddPeople,
}: {
  room: RoomView;
  onEdit: () => void;
  onAddPeople: () => void;
}) {
  return (
    <div className={styles.parts}>
      {room.request ? <Overview room={room} request={room.request} onEdit={onEdit} /> : null}
      <People room={room} onAddPeople={onAddPeople} />
      {room.request ? <History room={room} /> : null}
    </div>
  );
}

function Overview({
  room,
  request,
  onEdit,
}: {
  room: RoomView;
  request: NonNullable<RoomView["request"]>;
  onEdit: () => void;
}) {
  const org = useView("org");
  const nameOf = useNames(room);
  const { fields } = request;
  const nameIn = (list: readonly { id: string; name: string }[] | undefined, id: string) =>
    list?.find((each) => each.id === id)?.name ?? id;

  const chips = (
    ids: readonly string[] | undefined,
    list: readonly { id: string; name: string }[] | undefined,
  ) => (ids && ids.length > 0 ? <Chips names={ids.map((id) => nameIn(list, id))} /> : undefined);
  const facts: readonly (readonly [name: string, value: ReactNode])[] = [
    ["Location", fields.location && <Where location={fields.location} />],
    ["Priority", fields.priority && PRIORITY_LABELS[fields.priority]],
    ["Type", chips(fields.types, org?.requestTypes)],
    ["Caller", (fields.caller_name ?? fields.caller_contact) && <Caller fields={fields} />],
    ["Going", request.closed ? undefined : <Going request={request} />],
    ["Call started", fields.call_started && <At at={fields.call_started} />],
    ["Call ended", fields.call_ended && <At at={fields.call_ended} />],
    ["Tags", chips(fields.tags, org?.tags)],
  ];
  const known = facts.filter(([, value]) => Boolean(value));
  const unknown = facts
    .filter(([name, value]) => !value && name !== "Going")
    .map(([name]) => name.toLowerCase());

  return (
    <section className={styles.part} aria-labelledby="overview">
      <div className={styles.partHead}>
        <h2 id="overview">Overview</h2>
        {request.may.edit ? (
          <Button size="small" onPress={onEdit}>
            <Icon name="pencil" size={16} /> Edit
          </Button>
        ) : null}
      </div>
      {request.toldBy ? (
        <Banner tone="info">
          As told by <bdi>{nameOf(request.toldBy)}</bdi>: you came later, and this device has no keys for what
          was written before.
        </Banner>
      ) : null}
      {request.incomplete.length > 0 ? (
        <Banner tone="warn">
          {incompleteWords(request.incomplete, nameOf, request.newerBuild === true)}
        </Banner>
      ) : null}
      {request.closed ? (
        <Banner tone="info">
          <span>
            Closed by <bdi>{nameOf(request.closed.by)}</bdi>, <At at={request.closed.at} />
          </span>
          {request.closed.outcome ? (
            <span>
              <bdi>{request.closed.outcome}</bdi>
            </span>
          ) : null}
        </Banner>
      ) : null}
      <dl className={styles.facts}>
        {known.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
      {unknown.length > 0 ? <p className={styles.small}>Not known yet: {unknown.join(", ")}</p> : null}
    </section>
  );
}

function Chips({ names }: { names: readonly string[] }) {
  return (
    <span className={styles.chips}>
      {names.map((name) => (
        <Badge key={name}>
          <bdi>{name}</bdi>
        </Badge>
      ))}
    </span>
  );
}

function People({ room, onAddPeople }: { room: RoomView; onAddPeople: () => void }) {
  const members = useView("team")?.members;
  return (
    <section className={styles.part} aria-labelledby="people">
      <div className={styles.partHead}>
        <h2 id="people">People ({room.people.length})</h2>
        {room.request?.may.addPeople ? (
          <Button size="small" onPress={onAddPeople}>
            <Icon name="addPeople" size={16} /> Add people
          </Button>
        ) : null}
      </div>
      <ul className={styles.people} aria-labelledby="people">
        {room.people.map((person) => {
          const member = members?.find((each) => each.userId === person.userId);
          return (
            <li key={person.userId} className={styles.person}>
              <Avatar name={person.name} colour={member?.colour} size={32} />
              <span className={styles.personWords}>
                <span>
                  <bdi>{person.name}</bdi>
                  {member?.isMe ? " (you)" : ""}
                </span>
                <span className={styles.small}>
                  {person.membership === "invite"
                    ? "Invited, hasn’t opened it"
                    : member?.onDuty
                      ? "On duty"
                      : "Off duty"}
                </span>
              </span>
              {person.identity === "changed" ? <Badge tone="warn">Identity changed</Badge> : null}
              {person.identity === "none" ? <Badge tone="warn">No encryption yet</Badge> : null}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** What was done to the request, newest first; what was said stands in the chat. */
function History({ room }: { room: RoomView }) {
  const entries = room.timeline
    .filter((item) => item.body.kind === "log" || item.body.kind === "refused")
    .reverse();
  return (
    <section className={styles.part} aria-labelledby="history">
      <div className={styles.partHead}>
        <h2 id="history">History</h2>
      </div>
      {entries.length === 0 ? (
        <p className={styles.small}>
          {room.notKept
            ? "No longer kept on this device."
            : "Waiting for a colleague’s device to send this request. It comes by itself when somebody who can read it has Hearth open. If it can’t wait, call them, or ask an admin for access."}
        </p>
      ) : null}
      <ol className={styles.history} aria-labelledby="history">
        {entries.map((item) => (
          <li key={item.id}>
            <span>
              {item.body.kind === "log"
                ? item.body.text
                : item.body.kind === "refused"
                  ? `Refused: ${item.body.reason}`
                  : null}
              {item.body.kind === "log" ? <FieldChanges changes={item.body.changes} /> : null}
            </span>
            <span className={styles.small}>
              <At at={item.at} />
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
