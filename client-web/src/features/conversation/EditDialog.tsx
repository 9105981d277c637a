"use client";

import { FIELD_NAMES, type RequestFields, type SetBy } from "@hearth/protocol";
import { useState } from "react";
import { useDraft } from "../../client/drafts.ts";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { say } from "../../ui/Toasts.tsx";
import { changesBetween, checkForm, rebase, seenOf, take, toForm, type EditDraft } from "../requests/form.ts";
import { FieldValue } from "./FieldChanges.tsx";
import { RequestFieldsForm } from "../requests/RequestFields.tsx";

/**
 * Edits a request. Only the fields that changed are sent; what others change meanwhile in other fields stays, and shows here.
 * Where somebody changed the same field, both are shown, and nothing is sent before the person has chosen.
 */
export function EditDialog({
  roomId,
  fields,
  setBy,
  onClose,
}: {
  roomId: string;
  fields: RequestFields;
  /** Which entry last set each field. */
  setBy: SetBy;
  onClose: () => void;
}) {
  const now = toForm(fields);
  const [opened] = useState<EditDraft>(() => ({ before: now, form: now, seen: setBy }));
  const [kept, keep] = useDraft<EditDraft>(`edit:${roomId}`);
  const { draft, conflicts } = rebase(kept ?? opened, now, setBy);
  const [resumed] = useState(kept !== undefined);
  const edit = useCommand("request.do");
  const [errors, setErrors] = useState<Errors>({});
  const [mustChoose, setMustChoose] = useState(false);

  const discard = () => {
    keep(undefined);
    onClose();
  };
  const submit = async () => {
    const found = checkForm(draft.form);
    setErrors(found);
    setMustChoose(conflicts.length > 0);
    if (Object.keys(found).length > 0 || conflicts.length > 0) return;
    const changes = changesBetween(draft.before, draft.form);
    if (!changes) return discard();
    const deed = { kind: "edit", changes, seen: seenOf(changes, draft.seen) } as const;
    const outcome = await edit.run({ roomId, deed });
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
            onChange={(form) => keep({ ...draft, form })}
          />
        </Form>
      </DialogBody>
      {conflicts.map((field) => (
        <Banner key={field} tone="warn" flat live>
          <span>
            <b>Somebody changed the {FIELD_NAMES[field]} while you were typing.</b> It says now: “
            <FieldValue field={field} value={fields[field] ?? null} />”
          </span>
          <Button size="small" onPress={() => keep(take(draft, field, now, setBy, "theirs"))}>
            Use theirs
          </Button>
          <Button size="small" onPress={() => keep(take(draft, field, now, setBy, "mine"))}>
            Keep mine
          </Button>
        </Banner>
      ))}
      {mustChoose && conflicts.length > 0 ? (
        <Banner tone="danger" flat>
          Nothing is saved yet. Choose first: theirs, or yours.
        </Banner>
      ) : null}
      {edit.failure ? <Banner tone="danger">{edit.failure.message}</Banner> : null}
      <DialogActions>
        <Button onPress={discard}>Discard</Button>
        <Button kind="primary" busy={edit.busy} onPress={() => void submit()}>
          Save
        </Button>
      </DialogActions>
    </Dialog>
  );
}
