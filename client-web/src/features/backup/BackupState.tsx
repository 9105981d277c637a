"use client";

import { useView } from "../../client/port.tsx";
import { Link } from "../../ui/Link.tsx";

/** For the devices page: whether this person's keys are backed up, and what that means. */
export function BackupState() {
  switch (useView("backup")?.state) {
    case "on":
      return (
        <p>
          On, because you are an admin or may export data. A new device of yours reads old messages after you
          enter your recovery key.
        </p>
      );
    case "restoring":
      return <p>On. Keys of older messages are coming to this device now.</p>;
    case "needs_recovery_key":
      return <p>Not working on this device yet: enter your recovery key, at the top of this page.</p>;
    case "none":
      return (
        <p>
          You have none: only admins and people who may export data do. A new device of yours reads what is
          written from then on. For older messages, <Link href="/access/">ask for access</Link>.
        </p>
      );
    case undefined:
      return <p>Not known until the server has answered.</p>;
  }
}
