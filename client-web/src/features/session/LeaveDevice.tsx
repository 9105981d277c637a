"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";

/** The other way out of a page that shows nothing but keeps the keys: give them up. */
export function LeaveDevice() {
  const signOut = useCommand("session.signOut");
  const [leaving, setLeaving] = useState(false);
  return (
    <>
      <Button kind="quiet" wide onPress={() => setLeaving(true)}>
        Sign out of this device instead
      </Button>
      <ConfirmDialog
        title="Sign out of this device?"
        open={leaving}
        action="Sign out"
        busy={signOut.busy}
        failure={signOut.failure?.message}
        onConfirm={() => void signOut.run({})}
        onClose={() => setLeaving(false)}
      >
        <p>
          The keys on this device are destroyed, and what it had not sent yet is lost. To come back you need
          your password and your <b>recovery key</b>: nobody can give it to you again.
        </p>
        <p>
          What open requests say comes back once a colleague’s device is online; for older messages you have
          to ask an admin.
        </p>
      </ConfirmDialog>
    </>
  );
}
