"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { Card, PublicFrame } from "../shell/PublicFrame.tsx";
import { shortName } from "@hearth/protocol";
import { LeaveDevice } from "./LeaveDevice.tsx";

/** The server no longer takes this session's token. Keys stay on the device; nothing is shown until the password is. */
export function Locked({ userId, message }: { userId: string; message: string }) {
  const signIn = useCommand("session.signIn");
  const ignored = useView("session")?.ignoredWipes ?? [];
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<{ password?: string }>({});

  const submit = () => {
    if (password === "") return setMissing({ password: "Type your password." });
    setMissing({});
    void signIn.run({ userName: userId, password });
  };
  const wrong = signIn.failure?.code === "wrong_password" ? signIn.failure.message : undefined;

  return (
    <PublicFrame>
      <Card title={`Welcome back, ${shortName(userId)}`}>
        <Banner tone="warn">{message}</Banner>
        {ignored.length === 0 ? null : (
          <Banner tone="warn" live={false}>
            Somebody told this device to destroy its keys, and it did not: {ignored.at(-1)?.why}. Tell an
            admin.
          </Banner>
        )}
        <Form
          label="Sign in again"
          onSubmit={submit}
          errors={wrong ? { password: wrong } : missing}
          failure={wrong ? undefined : signIn.failure?.message}
          actions={
            <Button type="submit" kind="primary" size="large" wide busy={signIn.busy}>
              Sign in again
            </Button>
          }
        >
          <PasswordField
            label="Password"
            value={password}
            onChange={setPassword}
            autoComplete="current-password"
            error={wrong ?? missing.password}
            autoFocus
          />
        </Form>
        <LeaveDevice />
      </Card>
    </PublicFrame>
  );
}
