"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Form } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";

/** Signs another device out; the server may want the password for it. */
export function SignOutDevice({
  device,
  onClose,
}: {
  device: { deviceId: string; name: string };
  onClose: () => void;
}) {
  const signOut = useCommand("devices.signOut");
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);

  const submit = async () => {
    const outcome = await signOut.run({
      deviceId: device.deviceId,
      ...(password === "" ? {} : { password }),
    });
    if (outcome.ok) {
      say(`${device.name} is signed out.`);
      onClose();
    } else if (outcome.code === "needs_password" || outcome.code === "wrong_password") setAsked(true);
  };
  const besideField =
    asked &&
    signOut.failure !== undefined &&
    ["needs_password", "wrong_password"].includes(signOut.failure.code);

  return (
    <Dialog title={`Sign out ${device.name}?`} open onClose={onClose} alert>
      <DialogBody>
        <p>
          It loses its access at once, and destroys its keys when it next reaches the server. To use it again,
          sign in there with your password and your recovery key.
        </p>
        {asked ? (
          <Form
            label="Confirm"
            onSubmit={() => void submit()}
            errors={besideField ? { password: signOut.failure?.message ?? "" } : {}}
          >
            <PasswordField
              label="Password"
              value={password}
              onChange={setPassword}
              autoComplete="current-password"
              error={besideField ? signOut.failure?.message : undefined}
              autoFocus
            />
          </Form>
        ) : null}
        {signOut.failure && !besideField ? <Banner tone="danger">{signOut.failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="danger" busy={signOut.busy} onPress={() => void submit()}>
          Sign out
        </Button>
      </DialogActions>
    </Dialog>
  );
}
