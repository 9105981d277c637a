"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { Card } from "../shell/PublicFrame.tsx";
import styles from "./encryption.module.css";

/** First set-up: what a recovery key is for, before it is made. */
export function MakeKey({ onMade }: { onMade: (recoveryKey: string) => void }) {
  const setUp = useCommand("encryption.setUp");
  const [password, setPassword] = useState("");
  const needsPassword = setUp.failure?.code === "needs_password" || setUp.failure?.code === "wrong_password";
  const [asked, setAsked] = useState(false);

  const submit = async () => {
    const outcome = await setUp.run(password === "" ? {} : { password });
    if (outcome.ok) onMade(outcome.value.recoveryKey);
    else if (outcome.code === "needs_password" || outcome.code === "wrong_password") setAsked(true);
  };

  return (
    <Card title="Your recovery key" wide lead="One thing before you start: Hearth makes you a recovery key.">
      <ul className={styles.points}>
        <li>
          <Icon name="key" />
          <span>
            <strong>What it is for.</strong> When you sign in on a new phone or browser, the recovery key
            proves that it is really you, so that your team’s messages can be read there.
          </span>
        </li>
        <li>
          <Icon name="lock" />
          <span>
            <strong>Nobody else has it.</strong> Not your team, not your admin, not who runs the server.
            Nobody can send it to you again.
          </span>
        </li>
        <li>
          <Icon name="copy" />
          <span>
            <strong>Keep it where you keep important things.</strong> A password manager is best; paper in a
            safe place works too. Not in a chat and not in your e-mail.
          </span>
        </li>
      </ul>
      <Form
        label="Make a recovery key"
        onSubmit={() => void submit()}
        failure={needsPassword ? undefined : setUp.failure?.message}
        errors={asked && setUp.failure ? { password: setUp.failure.message } : {}}
        actions={
          <Button type="submit" kind="primary" size="large" wide busy={setUp.busy}>
            {setUp.failure ? "Try again" : "Make my recovery key"}
          </Button>
        }
      >
        {asked ? (
          <PasswordField
            label="Password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            error={needsPassword ? setUp.failure?.message : undefined}
          />
        ) : null}
      </Form>
    </Card>
  );
}
