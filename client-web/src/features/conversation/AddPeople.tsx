"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useMemo, useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import { PeoplePicker } from "../team/PeoplePicker.tsx";
import { useNames } from "./useNames.ts";

/** Adds people: they see at once what the request says now; older chat stays closed to them. */
export function AddPeople({ room, onClose }: { room: RoomView; onClose: () => void }) {
  const add = useCommand("request.addPeople");
  const nameOf = useNames(room);
  const [chosen, setChosen] = useState<string[]>([]);
  const [failed, setFailed] = useState<{ userId: string; message: string }[]>([]);
  const there = useMemo(() => room.people.map((person) => person.userId), [room.people]);

  const submit = async () => {
    const outcome = await add.run({ roomId: room.roomId, userIds: chosen });
    if (!outcome.ok) return;
    const { added, failed: left } = outcome.value;
    setFailed(left);
    setChosen(left.map((each) => each.userId));
    if (added.length > 0) say(added.length === 1 ? "One person added." : `${added.length} people added.`);
    if (left.length === 0) onClose();
  };

  return (
    <Dialog title="Add people" open onClose={onClose}>
      <DialogBody>
        <p>
          They can read what the request says now, and everything written from here on. Older messages stay
          closed to them.
        </p>
        <PeoplePicker chosen={chosen} onChange={setChosen} without={there} />
        {failed.length > 0 ? (
          <Banner tone="danger">
            {failed.map((each) => (
              <span key={each.userId}>
                <bdi>{nameOf(each.userId)}</bdi> was not added: {each.message}
              </span>
            ))}
          </Banner>
        ) : null}
        {add.failure ? <Banner tone="danger">{add.failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" disabled={chosen.length === 0} busy={add.busy} onPress={() => void submit()}>
          {chosen.length === 0 ? "Add" : chosen.length === 1 ? "Add 1 person" : `Add ${chosen.length} people`}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
