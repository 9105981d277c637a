"use client";

import type { OwnAccess } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Empty, Page, Section } from "../../ui/Page.tsx";
import { At } from "../../ui/Time.tsx";
import styles from "./access.module.css";
import { AnswersAlone } from "./AnswersAlone.tsx";
import { AskAccess } from "./AskAccess.tsx";
import { AskCard } from "./AskCard.tsx";
import { Refused } from "./Refused.tsx";
import { OwnState } from "./AskHere.tsx";

/** Access to older messages: what I asked for, and for admins what everybody did. */
export function Access() {
  const access = useView("access");
  const isAdmin = useView("session")?.isAdmin ?? false;
  const [asking, setAsking] = useState(false);
  const mine = access?.mine ?? [];
  const asks = access?.asks ?? [];
  const open = asks.filter(({ state }) => state === "waiting" || state === "giving");
  const log = asks.filter((ask) => !open.includes(ask));
  return (
    <Page
      title="Access"
      lead="Devices keep messages for a time only, and a new device has no older ones. An admin can give you access to them for a while."
      actions={
        <Button kind="primary" onPress={() => setAsking(true)}>
          Ask for access
        </Button>
      }
    >
      {isAdmin ? (
        <Section title="Waiting for an answer">
          {open.length === 0 ? (
            <p>Nobody is waiting.</p>
          ) : (
            <ul className={styles.list} aria-label="Requests for access">
              {open.map((ask) => (
                <li key={ask.request}>
                  <AskCard ask={ask} />
                </li>
              ))}
            </ul>
          )}
        </Section>
      ) : null}
      <Section title="What you asked for">
        {mine.length === 0 ? (
          <Empty title="Nothing yet">
            <p>Where a message can’t be read, you can ask for access too.</p>
          </Empty>
        ) : (
          <ul className={styles.list} aria-label="What you asked for">
            {mine.map((each) => (
              <li key={each.request} className={styles.card}>
                <Mine access={each} />
              </li>
            ))}
          </ul>
        )}
      </Section>
      {isAdmin && log.length > 0 ? (
        <Section title="Answered" lead="All admins see this list. It says nothing of what was read.">
          <ul className={styles.list} aria-label="Answered requests for access">
            {log.map((ask) => (
              <li key={ask.request}>
                <AskCard ask={ask} />
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {access?.alone ? <AnswersAlone alone={access.alone} /> : null}
      <Refused refused={access?.refused ?? []} />
      {asking ? <AskAccess onClose={() => setAsking(false)} /> : null}
    </Page>
  );
}

function Mine({ access }: { access: OwnAccess }) {
  const withdraw = useCommand("access.withdraw");
  const waits = access.state === "waiting";
  const done = waits || access.state === "declined" || access.state === "ended" || access.state === "failed";
  return (
    <>
      <p>
        {access.kind === "window" ? "Recent messages" : "Older messages"}
        {access.roomId === undefined ? "" : " of one request"}, from <At at={access.from} /> to{" "}
        <At at={access.to} />
      </p>
      <p role="status">
        <OwnState access={access} />
      </p>
      {done ? (
        <div>
          <Button
            size="small"
            busy={withdraw.busy}
            onPress={() => void withdraw.run({ request: access.request })}
          >
            {waits ? "Take it back" : "Remove from this list"}
          </Button>
        </div>
      ) : null}
    </>
  );
}
