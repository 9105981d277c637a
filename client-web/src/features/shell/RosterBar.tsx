"use client";

import { useView } from "../../client/port.tsx";
import { Link } from "../../ui/Link.tsx";
import styles from "./ConnectionBar.module.css";

/** On every page: why this person gets no keys, or why the list of those who do is not followed. */
export function RosterBar() {
  const team = useView("team");
  const me = team?.members.find((member) => member.isMe);
  const waits = me !== undefined && !me.former && me.roster !== "listed";
  const problem = team?.problem;
  return (
    <div
      className={`${styles.bar} no-print`}
      role="status"
      data-shown={problem !== undefined || waits || undefined}
    >
      {problem !== undefined ? (
        problem
      ) : waits ? (
        <span>
          Waiting for an admin to confirm you: you can’t read what others write yet.{" "}
          <Link href="/team/">Your code is on the Team page</Link>
        </span>
      ) : null}
    </div>
  );
}
