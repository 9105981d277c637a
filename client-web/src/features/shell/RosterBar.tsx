"use client";

import { useView } from "../../client/port.tsx";
import { Link } from "../../ui/Link.tsx";
import styles from "./ConnectionBar.module.css";

/** On every page: why this person gets no keys, why the list of those who do is not followed, or what an admin has to sign. */
export function RosterBar() {
  const team = useView("team");
  const me = team?.members.find((member) => member.isMe);
  const waits = me !== undefined && !me.former && me.roster !== "listed";
  const problem = team?.problem;
  const isAdmin = useView("session")?.isAdmin ?? false;
  const toSign = isAdmin && team?.members.some((member) => member.unsigned !== undefined) === true;
  return (
    <div
      className={`${styles.bar} no-print`}
      role="status"
      data-shown={problem !== undefined || waits || toSign || undefined}
    >
      {problem !== undefined ? (
        <span>
          {problem} {team?.list?.compare ? <Link href="/team/">Open the Team page</Link> : null}
        </span>
      ) : waits ? (
        <span>
          Waiting for an admin to confirm you: you can’t read what others write yet.{" "}
          <Link href="/team/">Your code is on the Team page</Link>
        </span>
      ) : toSign ? (
        <span>
          A change of roles waits for an admin’s signature.{" "}
          <Link href="/team/">Look at it on the Team page</Link>
        </span>
      ) : null}
    </div>
  );
}
