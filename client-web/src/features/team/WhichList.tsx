"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog, Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import { ReadCode } from "./ReadCode.tsx";

/** A device that was told nothing of which list of members to believe has its code compared with an admin's. */
export function WhichList() {
  const list = useView("team")?.list;
  return list?.compare ? <Compare code={list.code} /> : null;
}

/** For the admin who is asked to read that code out: behind a button, because that is seldom. */
export function TeamCode() {
  const list = useView("team")?.list;
  const isAdmin = useView("session")?.isAdmin ?? false;
  const [open, setOpen] = useState(false);
  if (!list || list.compare || !isAdmin) return null;
  return (
    <div>
      <Button kind="quiet" onPress={() => setOpen(true)}>
        Show this team’s code
      </Button>
      <Dialog title="This team’s code" open={open} onClose={() => setOpen(false)}>
        <DialogBody>
          <p>
            Read it by phone or in person to somebody whose device asks for it. They say whether it is the
            same.
          </p>
          <ReadCode code={list.code} />
        </DialogBody>
        <DialogActions>
          <Button onPress={() => setOpen(false)}>Done</Button>
        </DialogActions>
      </Dialog>
    </div>
  );
}

function Compare({ code }: { code: string }) {
  const [asking, setAsking] = useState(false);
  const believe = useCommand("roster.believe");
  return (
    <>
      <Banner tone="warn" live={false}>
        <span>
          <b>This device doesn’t know which list of members to believe.</b> Nobody gets your messages until
          you have compared its code with an admin, or have opened Hearth on another device of yours.
        </span>
        <Button size="small" onPress={() => setAsking(true)}>
          Compare with an admin
        </Button>
      </Banner>
      <ConfirmDialog
        title="Is this your team’s list?"
        open={asking}
        action="The codes are the same"
        kind="primary"
        busy={believe.busy}
        failure={believe.failure?.message}
        onConfirm={() =>
          void believe.run({ code }).then((outcome) => {
            if (!outcome.ok) return;
            say("This device follows your team’s list now.");
            setAsking(false);
          })
        }
        onClose={() => setAsking(false)}
      >
        <p>
          Call an admin or meet them. Ask them to open Team and to press “Show this team’s code”, below the
          members. Do not ask in writing.
        </p>
        <p>
          It must be this one:
          <ReadCode code={code} />
        </p>
        <p>If a single digit differs, cancel and tell the admins at once.</p>
      </ConfirmDialog>
    </>
  );
}
