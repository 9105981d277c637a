"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { KeyCard } from "../encryption/KeyCard.tsx";

/** A new key for the same identity, made on a device that is unlocked: nothing is lost, only the old key ends. */
export function NewRecoveryKey({ has }: { has: boolean }) {
  const renew = useCommand("encryption.newRecoveryKey");
  const confirm = useCommand("encryption.confirmSaved");
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const [asked, setAsked] = useState(false);
  const [made, setMade] = useState<string>();
  const [kept, setKept] = useState(false);

  const close = () => {
    setOpen(false);
    setMade(undefined);
    setKept(false);
    setPassword("");
    setAsked(false);
    renew.clear();
  };
  const make = async () => {
    const outcome = await renew.run(password === "" ? {} : { password });
    if (outcome.ok) setMade(outcome.value.recoveryKey);
    else if (outcome.code === "needs_password" || outcome.code === "wrong_password") setAsked(true);
  };
  const done = async () => {
    await confirm.run({});
    say("Your new recovery key is the only one that works now.");
    close();
  };

  return (
    <>
      <p>
        {has
          ? "Your recovery key unlocks new devices. If you can’t find it, or somebody else may have seen it, make a new one here: nothing is lost, and the old key stops working."
          : "You have no recovery key. Make one, or a new device of yours will never be able to read."}
      </p>
      <div>
        <Button onPress={() => setOpen(true)}>Make a new recovery key</Button>
      </div>
      <Dialog title="New recovery key" open={open} onClose={close} keep={made !== undefined}>
        {made === undefined ? (
          <>
            <DialogBody>
              <p>The key that you have now stops working as soon as the new one is made.</p>
              {asked ? (
                <PasswordField
                  label="Password"
                  value={password}
                  onChange={setPassword}
                  autoComplete="current-password"
                  hint="The server wants to know that it is you."
                  autoFocus
                />
              ) : null}
              {renew.failure && renew.failure.code !== "needs_password" ? (
                <Banner tone="danger">{renew.failure.message}</Banner>
              ) : null}
            </DialogBody>
            <DialogActions>
              <Button onPress={close}>Cancel</Button>
              <Button kind="primary" busy={renew.busy} onPress={() => void make()}>
                Make it
              </Button>
            </DialogActions>
          </>
        ) : (
          <>
            <DialogBody>
              <KeyCard recoveryKey={made} />
              <Checkbox checked={kept} onChange={setKept}>
                I have kept my recovery key where I will find it again
              </Checkbox>
            </DialogBody>
            <DialogActions>
              <Button kind="primary" disabled={!kept} busy={confirm.busy} onPress={() => void done()}>
                Done
              </Button>
            </DialogActions>
          </>
        )}
      </Dialog>
    </>
  );
}
