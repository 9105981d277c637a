"use client";

import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { say } from "../../ui/Toasts.tsx";
import { hasPasskeys, makePasskey, PasskeyProblem } from "./passkey.ts";
import { PassphraseForm } from "./PassphraseForm.tsx";

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
            void remove.run({}).then((outcome) => outcome.ok && say("The passkey no longer opens the lock."))
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
  return (
    <PassphraseForm
      label="Add a passkey"
      field="Passphrase of the lock"
      hint="A finger, a face or the PIN of this device then opens the lock. The passphrase goes on working. A new passphrase removes the passkey."
      action="Add a passkey"
      busy={add.busy}
      onSubmit={async (passphrase) => {
        try {
          const outcome = await add.run({ passphrase, ...(await makePasskey(userId)) });
          if (!outcome.ok) return outcome;
          say("The passkey is added.");
        } catch (error) {
          if (!(error instanceof PasskeyProblem)) throw error;
          return { code: "passkey", message: error.message };
        }
      }}
    />
  );
}
