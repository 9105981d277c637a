"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../ui/count.ts";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/TextField.tsx";

/** Asks once more, with the team's name, before something that can't be taken back for anybody. */
export function ConfirmLoss({
  losses,
  busy,
  failure,
  onConfirm,
  onClose,
}: {
  losses: readonly string[];
  busy: boolean;
  failure: string | undefined;
  onConfirm: () => void;
  onClose: () => void;
}) {
  const name = useView("org")?.policy?.name ?? "";
  const people = useView("team")?.members.length ?? 0;
  const [typed, setTyped] = useState("");
  const [isWrong, setWrong] = useState(false);
  const confirm = () => {
    const isRight = typed.trim().toLowerCase() === name.trim().toLowerCase();
    setWrong(!isRight);
    if (isRight) onConfirm();
  };
  return (
    <Dialog title="This can’t be taken back" open onClose={onClose} alert>
      <DialogBody>
        {losses.map((loss) => (
          <p key={loss}>{loss}</p>
        ))}
        <p>
          It counts for the whole team, {count(people, "person", "people")}, as soon as their devices hear of
          it.
        </p>
        <TextField
          label="Type your team’s name to go on"
          hint={name}
          value={typed}
          onChange={setTyped}
          error={isWrong ? "That is not the team’s name." : undefined}
        />
        {failure === undefined ? null : <Banner tone="danger">{failure}</Banner>}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="danger" busy={busy} onPress={confirm}>
          Change it
        </Button>
      </DialogActions>
    </Dialog>
  );
}
