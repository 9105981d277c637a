"use client";

import { useView } from "../../client/port.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import styles from "./ConnectionBar.module.css";

/** Said on top of every page while the server doesn't answer, and what becomes of what one does meanwhile. */
export function ConnectionBar() {
  const connection = useView("session")?.connection;
  const outbox = useView("outbox");
  const waiting = outbox?.waiting ?? 0;
  const text =
    connection?.kind === "waiting"
      ? `${connection.message}${waiting > 0 ? ` ${waiting} not sent yet.` : ""}`
      : connection?.kind === "connecting"
        ? "Connecting…"
        : "";
  return (
    <div className={`${styles.bar} no-print`} role="status" data-shown={text !== "" || undefined}>
      {text === "" ? null : (
        <>
          <Spinner size={14} />
          {text}
        </>
      )}
    </div>
  );
}
