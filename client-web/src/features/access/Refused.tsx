"use client";

import type { AccessView } from "@hearth/client-core/contract.ts";
import type { GrantRefusal } from "@hearth/protocol";
import { shortName } from "@hearth/protocol";
import { useView } from "../../client/port.tsx";
import { Section } from "../../ui/Page.tsx";
import { At } from "../../ui/Time.tsx";
import styles from "./access.module.css";

const WHY: Record<GrantRefusal, string> = {
  not_encrypted: "It was not encrypted, so nobody knows who sent it.",
  unsigned_device: "It came from a device that its owner has not signed, or whose owner’s identity changed.",
  not_an_admin: "Who sent it is no admin.",
  malformed: "It was damaged, or no Hearth client wrote it.",
  too_large: "It was too large.",
  not_asked: "You had not asked for it.",
  already_answered: "What you had asked for was answered already.",
  expired: "It had ended before it came.",
  wider_than_asked: "It was for more than you had asked for.",
  too_long: "It would have lasted too long.",
};

/** What came in the name of access and was not taken. Once is mostly a slip; often, somebody should look. */
export function Refused({ refused }: { refused: AccessView["refused"] }) {
  const members = useView("team")?.members ?? [];
  const nameOf = (id: string) => members.find(({ userId }) => userId === id)?.name ?? shortName(id);
  if (refused.length === 0) return null;
  return (
    <Section title="Not taken" lead="If this goes on, tell an admin by phone or in person.">
      <ul className={styles.list} aria-label="Not taken">
        {refused.map(({ at, sender, reason }) => (
          <li key={`${at} ${sender} ${reason}`} className={styles.card}>
            <p>
              <At at={at} />
              {sender === "" ? "" : `, from ${nameOf(sender)}`}: {WHY[reason]}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  );
}
