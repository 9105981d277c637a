"use client";

import { useState } from "react";
import type { Errors } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { NewPasswordField, useNewPassword } from "../password/NewPasswordField.tsx";

/** A passphrase that somebody chooses, twice the same: nothing else finds a slip of the finger in it. */
export function useNewPassphrase() {
  const { password: passphrase, setPassword, verdict, error } = useNewPassword([]);
  const [again, setAgain] = useState("");
  return {
    passphrase,
    setPassphrase: setPassword,
    verdict,
    again,
    setAgain,
    problems: (): Errors<"next" | "again"> => ({
      ...(error === undefined ? {} : { next: passphrase === "" ? "Choose a passphrase." : error }),
      ...(again === passphrase ? {} : { again: "This is not the same. Type it once more." }),
    }),
    clear: () => {
      setPassword("");
      setAgain("");
    },
  };
}

export function NewPassphrase({
  fresh,
  errors,
}: {
  fresh: ReturnType<typeof useNewPassphrase>;
  errors: Errors<"next" | "again">;
}) {
  return (
    <>
      <NewPasswordField
        label="New passphrase"
        value={fresh.passphrase}
        onChange={fresh.setPassphrase}
        verdict={fresh.verdict}
        error={errors.next}
        autoComplete="off"
      />
      <PasswordField
        label="New passphrase, once more"
        value={fresh.again}
        onChange={fresh.setAgain}
        error={errors.again}
        autoComplete="off"
      />
    </>
  );
}
