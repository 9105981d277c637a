"use client";

import { useView } from "../../client/port.tsx";
import { Link } from "../../ui/Link.tsx";
import styles from "../shell/ConnectionBar.module.css";

/** For admins, on every page: that somebody waits for an answer. */
export function AccessBar() {
  const asks = useView("access")?.asks ?? [];
  const waiting = asks.filter(({ state, canAnswer }) => state === "waiting" && canAnswer);
  const [first] = waiting;
  return (
    <div className={`${styles.bar} no-print`} role="status" data-shown={first !== undefined || undefined}>
      {first === undefined ? null : (
        <span>
          {waiting.length === 1
            ? `${first.name} asks for access to older messages.`
            : `${waiting.length} requests for access to older messages wait.`}{" "}
          <Link href="/access/">Look at it</Link>
        </span>
      )}
    </div>
  );
}
