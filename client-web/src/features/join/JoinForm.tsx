"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { NewPasswordField, useNewPassword } from "../password/NewPasswordField.tsx";
import { JoinSteps } from "./JoinProgress.tsx";
import { checkUserName, suggestUserName } from "./userName.ts";

type Fields = "displayName" | "userName" | "password";

/**
 * What is typed to join, and how far the attempt has come. It lives above the form: a refusal may come after the
 * session has begun to change, and nothing typed may be lost to that.
 */
export function useJoinForm() {
  const accept = useCommand("join.accept");
  const [displayName, setDisplayName] = useState("");
  const [typedName, setTypedName] = useState<string>();
  const userName = typedName ?? suggestUserName(displayName);
  const next = useNewPassword([displayName, userName]);
  const [errors, setErrors] = useState<Errors<Fields>>({});

  const submit = async (link: string) => {
    const nameError = checkUserName(userName);
    const found: Errors<Fields> = {
      ...(displayName.trim() === "" ? { displayName: "Type the name that your team knows you by." } : {}),
      ...(nameError === undefined ? {} : { userName: nameError }),
      ...(next.error === undefined ? {} : { password: next.error }),
    };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await accept.run({
      link,
      userName,
      displayName: displayName.trim(),
      password: next.password,
    });
    if (outcome.ok) return;
    if (outcome.code === "name_taken" || outcome.code === "bad_name")
      setErrors({ userName: outcome.message });
    if (outcome.code === "weak_password") setErrors({ password: outcome.message });
  };
  return { accept, displayName, setDisplayName, userName, setTypedName, next, errors, submit };
}

export function JoinForm({ link, form }: { link: string; form: ReturnType<typeof useJoinForm> }) {
  const { accept, displayName, setDisplayName, userName, setTypedName, next, errors } = form;
  const step = useView("join")?.step ?? "idle";
  const besideField = ["name_taken", "bad_name", "weak_password"].includes(accept.failure?.code ?? "");

  return (
    <Form
      label="Make your account"
      onSubmit={() => void form.submit(link)}
      errors={errors}
      failure={besideField ? undefined : accept.failure?.message}
      actions={
        <Button type="submit" kind="primary" size="large" wide busy={accept.busy}>
          {accept.failure && !besideField ? "Try again" : "Join"}
        </Button>
      }
    >
      <TextField
        label="Your name"
        value={displayName}
        onChange={setDisplayName}
        error={errors.displayName}
        hint="As your team knows you. If it looks like somebody else’s name, or like a role, your user name stands beside it. You can change it later."
        maxLength={80}
        autoFocus
      />
      <TextField
        label="User name"
        value={userName}
        onChange={(value) => setTypedName(value.toLowerCase())}
        error={errors.userName}
        hint="To sign in with: lower-case letters, digits, dots, dashes. It can’t be changed later."
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
      />
      <NewPasswordField
        value={next.password}
        onChange={next.setPassword}
        verdict={next.verdict}
        error={errors.password}
      />
      {accept.busy ? <JoinSteps step={step} /> : null}
    </Form>
  );
}
