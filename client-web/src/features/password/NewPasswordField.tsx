"use client";

import { useEffect, useState } from "react";
import { PasswordField } from "../../ui/TextField.tsx";
import styles from "./NewPasswordField.module.css";
import { loadJudge, type Verdict } from "./strength.ts";

type Judge = Awaited<ReturnType<typeof loadJudge>>;

/** What stands in a new password and whether it will do; `verdict` is undefined while the estimator loads. */
export function useNewPassword(own: readonly string[]) {
  const [password, setPassword] = useState("");
  const [judge, setJudge] = useState<{ check: Judge }>();
  useEffect(() => {
    let gone = false;
    void loadJudge().then((check) => {
      if (!gone) setJudge({ check });
    });
    return () => {
      gone = true;
    };
  }, []);
  const verdict: Verdict | undefined = password === "" ? undefined : judge?.check(password, own);
  const error = password === "" ? "Choose a password." : verdict && !verdict.ok ? verdict.words : undefined;
  return { password, setPassword, verdict, error };
}

/** A field for a new password with a meter that says in words what to do better. */
export function NewPasswordField({
  label = "Password",
  value,
  onChange,
  verdict,
  error,
  autoComplete = "new-password",
}: {
  label?: string;
  value: string;
  onChange: (value: string) => void;
  verdict: Verdict | undefined;
  error: string | undefined;
  /** `off` for what a browser must not keep beside what it opens. */
  autoComplete?: "new-password" | "off";
}) {
  return (
    <div className={styles.box}>
      <PasswordField
        label={label}
        value={value}
        onChange={onChange}
        error={error}
        autoComplete={autoComplete}
        hint="12 to 72 characters. Four or five unrelated words are easy to remember and hard to guess."
      />
      <div className={styles.meter} aria-hidden="true">
        {[1, 2, 3, 4].map((step) => (
          <span
            key={step}
            className={styles.step}
            data-on={(verdict?.score ?? 0) >= step || undefined}
            data-ok={verdict?.ok || undefined}
          />
        ))}
      </div>
      <p className={styles.words} role="status">
        {error === undefined ? (verdict?.words ?? "") : ""}
      </p>
    </div>
  );
}
