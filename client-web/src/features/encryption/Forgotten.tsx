"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { Card } from "../shell/PublicFrame.tsx";
import styles from "./encryption.module.css";

/** A forgotten recovery key: first what may still be found, then what a new one costs. */
export function Forgotten({ onBack, onMade }: { onBack: () => void; onMade: (recoveryKey: string) => void }) {
  const reset = useCommand("encryption.reset");
  const [password, setPassword] = useState("");
  const [understood, setUnderstood] = useState(false);
  const [errors, setErrors] = useState<Errors<"password">>({});

  const submit = async () => {
    if (password === "") return setErrors({ password: "Type your password." });
    setErrors({});
    const outcome = await reset.run({ password });
    if (outcome.ok) onMade(outcome.value.recoveryKey);
    else if (outcome.code === "wrong_password") setErrors({ password: outcome.message });
  };

  return (
    <Card title="No recovery key?" wide>
      <Banner tone="info">
        <p>
          Look first in your password manager, among your downloads for <b>hearth-recovery-key.txt</b>, and
          where you keep papers. If another device of yours is still signed in, open Hearth there: under
          Devices you can make a new recovery key, and nothing is lost.
        </p>
      </Banner>
      <h2>If it is really gone</h2>
      <p>You can start over with a new key. This is what it costs:</p>
      <ul className={styles.loss}>
        <li>Older messages stay unreadable on this device.</li>
        <li>
          If you are an admin or may export data: your key backup opens with the old key only. A new, empty
          one takes its place, and what was in the old one is lost.
        </li>
        <li>Your other devices stop receiving messages until you unlock them with the new key.</li>
        <li>
          Your team sees that your security identity changed, and you get no messages until an admin has
          compared two codes with you: yours, and your team’s. Call an admin now and ask them to open the Team
          page; this device shows you there what to compare.
        </li>
        <li>
          What open requests say comes back once an admin has confirmed you and a colleague’s device is
          online.
        </li>
      </ul>
      <Form
        label="Start over with a new key"
        onSubmit={() => void submit()}
        errors={errors}
        failure={errors.password ? undefined : reset.failure?.message}
        actions={
          <>
            <Button type="submit" kind="danger" disabled={!understood} busy={reset.busy}>
              Start over with a new key
            </Button>
            <Button onPress={onBack}>Back</Button>
          </>
        }
      >
        <Checkbox checked={understood} onChange={setUnderstood}>
          I understand what is lost
        </Checkbox>
        <PasswordField
          label="Password"
          value={password}
          onChange={setPassword}
          error={errors.password}
          autoComplete="current-password"
        />
      </Form>
    </Card>
  );
}
