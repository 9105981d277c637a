"use client";

import { useState } from "react";
import { useDraft } from "../../client/drafts.ts";
import { useGo } from "../../client/location.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { requestHref } from "../../routes.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { FieldSet, Form, type Errors } from "../../ui/Form.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { say } from "../../ui/Toasts.tsx";
import { PeoplePicker } from "../team/PeoplePicker.tsx";
import { checkForm, EMPTY_FORM, toFields, type RequestForm } from "./form.ts";
import { mayOpen } from "./may.ts";
import { readersSentence } from "./readers.ts";
import { RequestFieldsForm } from "./RequestFields.tsx";

type Draft = { form: RequestForm; people: readonly string[] };
const EMPTY: Draft = { form: EMPTY_FORM, people: [] };

export function NewRequest() {
  const session = useView("session");
  const roles = useView("org")?.roles;
  const [kept, keep] = useDraft<Draft>("new-request");
  const draft = kept ?? EMPTY;
  const [errors, setErrors] = useState<Errors>({});
  const open = useCommand("request.open");
  const go = useGo();

  if (!mayOpen(session))
    return (
      <Page title="New request" narrow>
        <Banner tone="info">
          Your roles don’t let you open requests. Ask a dispatcher, or an admin for the role.
        </Banner>
      </Page>
    );

  const submit = async () => {
    const found = checkForm(draft.form);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await open.run({ fields: toFields(draft.form), invite: [...draft.people] });
    if (!outcome.ok) return;
    keep(undefined);
    say("The request is open.");
    go(requestHref(outcome.value.roomId));
  };

  return (
    <Page title="New request" narrow lead={`Encrypted on this device. ${readersSentence(roles)}`}>
      <Section>
        <Form
          label="New request"
          onSubmit={() => void submit()}
          errors={errors}
          failure={open.failure?.message}
          actions={
            <>
              <Button type="submit" kind="primary" size="large" busy={open.busy}>
                Open request
              </Button>
              <LinkButton kind="quiet" size="large" href="/requests/">
                Back to the list
              </LinkButton>
              {kept ? (
                <Button kind="quiet" size="large" onPress={() => keep(undefined)}>
                  Clear form
                </Button>
              ) : null}
            </>
          }
        >
          <RequestFieldsForm
            form={draft.form}
            errors={errors}
            onChange={(form) => keep({ ...draft, form })}
            autoFocus
          />
          <FieldSet title="Who should have it">
            <PeoplePicker chosen={draft.people} onChange={(people) => keep({ ...draft, people })} />
          </FieldSet>
        </Form>
      </Section>
    </Page>
  );
}
