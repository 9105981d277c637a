"use client";

import { useState } from "react";
import { shortName } from "@hearth/protocol";
import { useGo } from "../../client/location.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { NewPasswordField, useNewPassword } from "./NewPasswordField.tsx";

export function ChangePassword() {
  const session = useView("session");
  const change = useCommand("password.change");
  const go = useGo();
  const [current, setCurrent] = useState("");
  const [signOutOthers, setSignOutOthers] = useState(false);
  const [errors, setErrors] = useState<Errors<"current" | "next">>({});
  const next = useNewPassword([shortName(session?.userId ?? ""), session?.displayName ?? "", current]);

  const submit = async () => {
    const found: Errors<"current" | "next"> = {
      ...(current === "" ? { current: "Type the password that you have now." } : {}),
      ...(next.error === undefined ? {} : { next: next.error }),
    };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await change.run({ current, next: next.password, signOutOthers });
    if (outcome.ok) {
      say("Your password is changed.");
      go("/settings/");
    } else if (outcome.code === "wrong_password") setErrors({ current: outcome.message });
    else if (outcome.code === "weak_password") setErrors({ next: outcome.message });
  };
  const besideField = change.failure?.code === "wrong_password" || change.failure?.code === "weak_password";

  return (
    <Page
      title="Change password"
      narrow
      lead="Your password signs you in. It does not open your messages: the recovery key does that, and it stays the same."
    >
      <Section>
        <Form
          label="Change password"
          onSubmit={() => void submit()}
          errors={errors}
          failure={besideField ? undefined : change.failure?.message}
          actions={
            <>
              <Button type="submit" kind="primary" busy={change.busy}>
                Change password
              </Button>
              <LinkButton kind="quiet" href="/settings/">
                Cancel
              </LinkButton>
            </>
          }
        >
          <PasswordField
            label="Current password"
            value={current}
            onChange={setCurrent}
            error={errors.current}
            autoComplete="current-password"
          />
          <NewPasswordField
            label="New password"
            value={next.password}
            onChange={next.setPassword}
            verdict={next.verdict}
            error={errors.next}
          />
          <Checkbox
            checked={signOutOthers}
            onChange={setSignOutOthers}
            hint="Do this if somebody else may know the old password."
          >
            Sign out my other devices
          </Checkbox>
        </Form>
      </Section>
    </Page>
  );
}
