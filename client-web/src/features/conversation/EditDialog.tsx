"use client";

import type { RequestFields } from "@hearth/protocol";
import { useState } from "react";
import { useDraft } from "../../client/drafts.ts";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { say } from "../../ui/Toasts.tsx";
import { changesBetween, checkForm, toForm, type RequestForm } from "../requests/form.ts";
import { RequestFieldsForm } from "../requests/RequestFields.tsx";

type Draft = { before: RequestForm; form: RequestForm };

/** Edits a request. Only the fields that changed are sent; what others change meanwhile in other fields stays. */
export function EditDialog({
  roomId,
  fields,
  onClose,
}: {
  roomId: string;
  fields: RequestFields;
  onClose: () => void;
}) {
  const [opened] = useState<Draft>(() => ({ before: toForm(fields), form: toForm(fields) }));
  const [kept, keep] = useDraft<Draft>(`edit:${roomId}`);
  const draft = kept ?? opened;
  const [resumed] = useState(kept !== undefined);
  const edit = useCommand("request.do");
  const [errors, setErrors] = useState<Errors>({});

  const discard = () => {
    keep(undefined);
    onClose();
  };
  const submit = async () => {
    const found = checkForm(draft.form);
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const changes = changesBetween(draft.before, draft.form);
    if (!changes) return discard();
    const outcome = await edit.run({ roomId, deed: { kind: "edit", changes } });
    if (!outcome.ok) return;
    say("The request is changed.");
    discard();
  };

  return (
    <Dialog title="Edit request" open onClose={onClose} size="large">
      <DialogBody>
        {resumed ? (
          <Banner tone="info">What you typed before is still here, and not saved yet.</Banner>
        ) : null}
        <Form label="Edit request" onSubmit={() => void submit()} errors={errors}>
          <RequestFieldsForm
            form={draft.form}
            errors={errors}
            onChange={(form) => keep({ before: draft.before, form })}
          />
        </Form>
        {edit.failure ? <Banner tone="danger">{edit.failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={discard}>Discard</Button>
        <Button kind="primary" busy={edit.busy} onPress={() => void submit()}>
          Save
        </Button>
      </DialogActions>
    </Dialog>
  );
}
