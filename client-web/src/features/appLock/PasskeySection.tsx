"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { hasPasskeys, makePasskey, PasskeyProblem } from "./passkey.ts";

/** A finger or a face in the place of the passphrase, where the browser's passkeys can give a key. */
export function PasskeySection({ has }: { has: boolean }) {
  return has ? <Has /> : hasPasskeys() ? <Add /> : <p>This browser has no passkeys.</p>;
}

function Has() {
  const remove = useCommand("lock.removePasskey");
  return (
    <>
      <p>A passkey opens the lock as well as the passphrase does.</p>
      {remove.failure ? <Banner tone="danger">{remove.failure.message}</Banner> : null}
      <div>
        <Button
          busy={remove.busy}
          onPress={() =>
            void remove.run({}).then((outcome) => outcome.ok && say("The passkey opens the lock no more."))
          }
        >
          Remove the passkey
        </Button>
      </div>
    </>
  );
}

function Add() {
  const add = useCommand("lock.addPasskey");
  const userId = useView("session")?.userId ?? "";
  const [passphrase, setPassphrase] = useState("");
  const [errors, setErrors] = useState<Errors<"passphrase">>({});
  const [problem, setProblem] = useState<string>();
  const submit = async () => {
    setProblem(undefined);
    const missing = passphrase === "" ? { passphrase: "Type the passphrase." } : {};
    setErrors(missing);
    if (passphrase === "") return;
    try {
      const outcome = await add.run({ passphrase, ...(await makePasskey(userId)) });
      if (outcome.ok) say("The passkey is added.");
      else if (outcome.code === "wrong_passphrase") setErrors({ passphrase: outcome.message });
    } catch (error) {
      if (!(error instanceof PasskeyProblem)) throw error;
      setProblem(error.message);
    }
  };
  const beside = add.failure?.code === "wrong_passphrase";
  return (
    <Form
      label="Add a passkey"
      onSubmit={() => void submit()}
      errors={errors}
      failure={problem ?? (beside ? undefined : add.failure?.message)}
      actions={
        <Button type="submit" busy={add.busy}>
          Add a passkey
        </Button>
      }
    >
      <PasswordField
        label="Passphrase of the lock"
        value={passphrase}
        onChange={setPassphrase}
        error={errors.passphrase}
        autoComplete="off"
        hint="A finger, a face or the PIN of this device then opens the lock. The passphrase goes on working. A new passphrase removes the passkey."
      />
    </Form>
  );
}
