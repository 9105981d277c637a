"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogBody } from "../../ui/Dialog.tsx";
import { Form } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";

/** Asks for the recovery key once, to make the backup or to open it. */
export function TurnOnBackup({ open, onClose }: { open: boolean; onClose: () => void }) {
  const turnOn = useCommand("encryption.turnOnBackup");
  const [key, setKey] = useState("");
  const [error, setError] = useState<string>();

  const close = () => {
    setKey("");
    setError(undefined);
    turnOn.clear();
    onClose();
  };
  const submit = async () => {
    if (key.trim() === "") return setError("Type or paste your recovery key.");
    setError(undefined);
    const outcome = await turnOn.run({ recoveryKey: key.trim() });
    if (outcome.ok) {
      say("Your key backup is on.");
      close();
    } else if (outcome.code === "wrong_recovery_key") setError(outcome.message);
  };

  return (
    <Dialog title="Turn on key backup" open={open} onClose={close}>
      <DialogBody>
        <p>
          The server keeps the keys of your messages, encrypted. Only your recovery key opens them; nobody who
          has the server can.
        </p>
        <Form
          label="Turn on key backup"
          onSubmit={() => void submit()}
          errors={error === undefined ? {} : { key: error }}
          failure={turnOn.failure?.code === "wrong_recovery_key" ? undefined : turnOn.failure?.message}
          actions={
            <>
              <Button type="submit" kind="primary" busy={turnOn.busy}>
                Turn on
              </Button>
              <Button onPress={close}>Not now</Button>
            </>
          }
        >
          <PasswordField
            label="Recovery key"
            value={key}
            onChange={setKey}
            error={error}
            hint="If you can’t find it, make a new one on the Devices page first. Spaces don’t matter."
            mono
            autoFocus
          />
        </Form>
      </DialogBody>
    </Dialog>
  );
}
