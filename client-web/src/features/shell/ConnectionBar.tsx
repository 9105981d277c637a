"use client";

import { useView } from "../../client/port.tsx";
import { requestHref } from "../../routes.ts";
import { Link } from "../../ui/Link.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import styles from "./ConnectionBar.module.css";

/** Said on top of every page while the server doesn't answer, and of what could not be sent. */
export function ConnectionBar() {
  const connection = useView("session")?.connection;
  const outbox = useView("outbox");
  const waiting = outbox?.waiting ?? 0;
  const failed = outbox?.failed ?? 0;
  const firstFailed = outbox?.items.find((item) => item.state.kind === "failed");
  const text =
    connection?.kind === "waiting"
      ? `${connection.message}${waiting > 0 ? ` ${waiting} not sent yet.` : ""}`
      : connection?.kind === "connecting"
        ? "Connecting…"
        : "";
  return (
    <>
      <div className={`${styles.bar} no-print`} role="status" data-shown={text !== "" || undefined}>
        {text === "" ? null : (
          <>
            <Spinner size={14} />
            {text}
          </>
        )}
      </div>
      <div className={`${styles.bar} no-print`} role="status" data-shown={failed > 0 || undefined}>
        {failed > 0 ? (
          <span>
            {failed === 1 ? "One thing could not be sent." : `${failed} things could not be sent.`}{" "}
            {firstFailed ? <Link href={requestHref(firstFailed.roomId)}>Look at it</Link> : null}
          </span>
        ) : null}
      </div>
    </>
  );
}
