"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useDraft } from "../../client/drafts.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { MultiSelect } from "../../ui/MultiSelect.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";

/** Closing asks how it ended and, if nobody said it yet, what kind of request it was. */
export function CloseDialog({
  roomId,
  request,
  open,
  onClose,
}: {
  roomId: string;
  request: NonNullable<RoomView["request"]>;
  open: boolean;
  onClose: () => void;
}) {
  const types = useView("org")?.requestTypes ?? [];
  const edit = useCommand("request.do");
  const close = useCommand("request.close");
  const [outcome = "", setOutcome] = useDraft<string>(`outcome:${roomId}`);
  const [chosen, setChosen] = useState<string[]>([]);
  const untyped = (request.fields.types ?? []).length === 0;
  const failure = edit.failure ?? close.failure;

  const submit = async () => {
    if (untyped && chosen.length > 0) {
      const typed = await edit.run({ roomId, deed: { kind: "edit", changes: { types: chosen } } });
      if (!typed.ok) return;
    }
    const closed = await close.run({ roomId, ...(outcome.trim() === "" ? {} : { outcome: outcome.trim() }) });
    if (!closed.ok) return;
    setOutcome(undefined);
    say("The request is closed.");
    onClose();
  };

  return (
    <Dialog title="Close this request" open={open} onClose={onClose}>
      <DialogBody>
        {untyped && request.may.edit ? (
          <>
            <Banner tone="info">
              This request has no type yet. Choose one now, so that it can be found and counted later.
            </Banner>
            <MultiSelect
              label="Type"
              searchLabel="Search types"
              placeholder="Choose one or more"
              options={types}
              value={chosen}
              onChange={setChosen}
            />
          </>
        ) : null}
        <TextField
          label="Outcome"
          lines={3}
          value={outcome}
          onChange={setOutcome}
          hint="How it ended, in a sentence. You can leave it empty."
          maxLength={5000}
          autoFocus={!untyped}
        />
        {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" busy={edit.busy || close.busy} onPress={() => void submit()}>
          Close request
        </Button>
      </DialogActions>
    </Dialog>
  );
}
