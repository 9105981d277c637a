"use client";

import { isolated } from "@hearth/protocol";
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
      say(`${isolated(device.name)} is signed out.`);
      onClose();
    } else if (outcome.code === "needs_password" || outcome.code === "wrong_password") setAsked(true);
  };
  const code = signOut.failure?.code;
  const wrong = code === "wrong_password" ? signOut.failure?.message : undefined;
  const hint = code === "needs_password" ? signOut.failure?.message : undefined;
  const other = wrong === undefined && hint === undefined ? signOut.failure?.message : undefined;

  return (
    <Dialog title={`Sign out ${isolated(device.name)}?`} open onClose={onClose} alert>
      <DialogBody>
        <p>
          The device {device.deviceId} loses its access at once and shows nothing more until somebody signs in
          there with your password. Its keys stay on it, encrypted.
        </p>
        <p>
          <b>If it is lost or stolen, cancel, and call an admin first:</b> they can have it destroy its keys,
          but only as long as it is signed in.
        </p>
        {asked ? (
          <Form
            label="Confirm"
            onSubmit={() => void submit()}
            errors={wrong === undefined ? {} : { password: wrong }}
          >
            <PasswordField
              label="Password"
              value={password}
              onChange={setPassword}
              autoComplete="current-password"
              error={wrong}
              hint={hint}
              autoFocus
            />
          </Form>
        ) : null}
        {other ? <Banner tone="danger">{other}</Banner> : null}
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
