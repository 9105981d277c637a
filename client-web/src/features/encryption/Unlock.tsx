"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Form } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { UseOtherDevice } from "../verification/UseOtherDevice.tsx";
import { Card } from "../shell/PublicFrame.tsx";

/** A new device asks for the recovery key, so that the others know that it is its owner's. */
export function Unlock({ onForgotten }: { onForgotten: () => void }) {
  const unlock = useCommand("encryption.unlock");
  const signOut = useCommand("session.signOut");
  const [key, setKey] = useState("");
  const [leaving, setLeaving] = useState(false);
  const [error, setError] = useState<string>();

  const submit = async () => {
    if (key.trim() === "") return setError("Type or paste your recovery key.");
    setError(undefined);
    const outcome = await unlock.run({ recoveryKey: key.trim() });
    if (!outcome.ok && outcome.code === "wrong_recovery_key") setError(outcome.message);
  };

  return (
    <Card
      title="Unlock this device"
      wide
      lead="You are signed in, but this device can’t read messages yet. Your recovery key proves to the others that it is yours."
    >
      <Form
        label="Unlock this device"
        onSubmit={() => void submit()}
        errors={error === undefined ? {} : { key: error }}
        failure={unlock.failure?.code === "wrong_recovery_key" ? undefined : unlock.failure?.message}
        actions={
          <Button type="submit" kind="primary" size="large" wide busy={unlock.busy}>
            Unlock
          </Button>
        }
      >
        <PasswordField
          label="Recovery key"
          value={key}
          onChange={setKey}
          error={error}
          hint="The key that you kept when you joined, for example in your password manager. Spaces don’t matter."
          mono
          autoFocus
        />
      </Form>
      <UseOtherDevice />
      <Button kind="quiet" wide onPress={onForgotten}>
        I don’t have my recovery key
      </Button>
      <Button kind="quiet" wide onPress={() => setLeaving(true)}>
        Sign out
      </Button>
      <ConfirmDialog
        title="Sign out of this device?"
        open={leaving}
        action="Sign out"
        kind="primary"
        busy={signOut.busy}
        failure={signOut.failure?.message}
        onConfirm={() => void signOut.run({})}
        onClose={() => setLeaving(false)}
      >
        <p>This device has read nothing yet, so nothing is lost.</p>
      </ConfirmDialog>
    </Card>
  );
}
