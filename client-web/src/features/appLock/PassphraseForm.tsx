"use client";

import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";

type Failure = { readonly code: string; readonly message: string };

/**
 * Asks for the lock's passphrase before something is done with it. A wrong one is told at the field, all else below.
 * @param onSubmit gives why it could not be done, if it could not
 */
export function PassphraseForm({
  label,
  field,
  hint,
  action,
  busy,
  onSubmit,
}: {
  label: string;
  field: string;
  hint: string;
  action: string;
  busy: boolean;
  onSubmit: (passphrase: string) => Promise<Failure | undefined>;
}) {
  const [passphrase, setPassphrase] = useState("");
  const [errors, setErrors] = useState<Errors<"passphrase">>({});
  const [failure, setFailure] = useState<string>();
  const submit = async () => {
    setFailure(undefined);
    setErrors(passphrase === "" ? { passphrase: "Type the passphrase." } : {});
    if (passphrase === "") return;
    const failed = await onSubmit(passphrase);
    if (failed?.code === "wrong_passphrase") setErrors({ passphrase: failed.message });
    else setFailure(failed?.message);
  };
  return (
    <Form
      label={label}
      onSubmit={() => void submit()}
      errors={errors}
      failure={failure}
      actions={
        <Button type="submit" busy={busy}>
          {action}
        </Button>
      }
    >
      <PasswordField
        label={field}
        value={passphrase}
        onChange={setPassphrase}
        error={errors.passphrase}
        autoComplete="off"
        hint={hint}
      />
    </Form>
  );
}
