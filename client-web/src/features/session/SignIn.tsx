"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Link } from "../../ui/Link.tsx";
import { PasswordField, TextField } from "../../ui/TextField.tsx";
import { Card } from "../shell/PublicFrame.tsx";

export function SignIn() {
  const phase = useView("session")?.phase;
  const signIn = useCommand("session.signIn");
  const known = phase?.kind === "signed_out" ? phase.userName : undefined;
  const [userName, setUserName] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Errors<"userName" | "password">>({});

  const submit = async () => {
    const missing: Errors<"userName" | "password"> = {
      ...(userName.trim() === "" ? { userName: "Type your user name." } : {}),
      ...(password === "" ? { password: "Type your password." } : {}),
    };
    setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    const outcome = await signIn.run({ userName: userName.trim(), password });
    if (outcome.ok) return;
    if (outcome.code === "wrong_password") setErrors({ password: outcome.message });
    if (outcome.code === "bad_name") setErrors({ userName: outcome.message });
  };
  const besideField = signIn.failure?.code === "wrong_password" || signIn.failure?.code === "bad_name";

  return (
    <Card title="Sign in" lead="To your team’s encrypted workspace.">
      {phase?.kind === "signed_out" && phase.notice ? <Banner tone="info">{phase.notice}</Banner> : null}
      <Form
        label="Sign in"
        onSubmit={() => void submit()}
        errors={errors}
        failure={besideField ? undefined : signIn.failure?.message}
        actions={
          <Button type="submit" kind="primary" size="large" wide busy={signIn.busy}>
            Sign in
          </Button>
        }
      >
        <TextField
          label="User name"
          value={userName}
          onChange={setUserName}
          error={errors.userName}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
        />
        <PasswordField
          label="Password"
          value={password}
          onChange={setPassword}
          error={errors.password}
          autoComplete="current-password"
        />
      </Form>
      <p>
        New here? You need an invite link from your team. <Link href="/join/">I have an invite link</Link>
      </p>
    </Card>
  );
}
