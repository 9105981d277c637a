"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { At } from "../../ui/Time.tsx";
import { whatItGives } from "../team/RolesDialog.tsx";
import styles from "./invites.module.css";

const EXPIRY = [
  { value: "PT1H", label: "One hour" },
  { value: "P1D", label: "One day" },
  { value: "P7D", label: "Seven days" },
] as const;

/** Makes a link for one person. The link holds secrets, so it is shown here and kept nowhere. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const roles = (useView("org")?.roles ?? []).filter((role) => role.id !== "anyone");
  const create = useCommand("invite.create");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [note, setNote] = useState("");
  const [expiresIn, setExpiresIn] = useState<(typeof EXPIRY)[number]["value"]>("P7D");
  const [made, setMade] = useState<{ link: string; expiresAt: number }>();

  const submit = async () => {
    const outcome = await create.run({
      roles: [...chosen],
      expiresIn,
      ...(note.trim() === "" ? {} : { note: note.trim() }),
    });
    if (outcome.ok) setMade(outcome.value);
  };

  return (
    <Dialog title={made ? "Send this link" : "Invite someone"} open onClose={onClose} keep={create.busy}>
      {made ? (
        <LinkMade link={made.link} expiresAt={made.expiresAt} onClose={onClose} />
      ) : (
        <>
          <DialogBody>
            <p>
              You get a link for one person. Whoever joins with it first becomes a member with these roles.
            </p>
            <div role="group" aria-label="Roles">
              {roles.map((role) => (
                <Checkbox
                  key={role.id}
                  checked={chosen.includes(role.id)}
                  onChange={(on) =>
                    setChosen(on ? [...chosen, role.id] : chosen.filter((other) => other !== role.id))
                  }
                  hint={whatItGives(role)}
                >
                  <bdi>{role.name}</bdi>
                </Checkbox>
              ))}
            </div>
            <TextField
              label="Note"
              value={note}
              onChange={setNote}
              hint="For you, to know later whom it was for. The server can read it."
              maxLength={100}
            />
            <Select label="Works for" value={expiresIn} options={EXPIRY} onChange={setExpiresIn} />
            {create.failure ? <Banner tone="danger">{create.failure.message}</Banner> : null}
          </DialogBody>
          <DialogActions>
            <Button onPress={onClose}>Cancel</Button>
            <Button kind="primary" busy={create.busy} onPress={() => void submit()}>
              Create link
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  );
}

function LinkMade({ link, expiresAt, onClose }: { link: string; expiresAt: number; onClose: () => void }) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(link);
      say("The link is copied.");
    } catch {
      say("The browser did not let Hearth copy. Select the link and copy it yourself.");
    }
  };
  return (
    <>
      <DialogBody>
        <TextField label="Invite link" value={link} onChange={() => undefined} readOnly lines={5} mono />
        <div className={styles.ways}>
          <Button kind="primary" onPress={() => void copy()} autoFocus>
            <Icon name="copy" size={18} /> Copy link
          </Button>
        </div>
        <Banner tone="info">
          <span>
            Send it to that one person in a way that others can’t read, in a message that disappears, say. It
            works once, until <At at={expiresAt} />, and can’t be shown again: close this and it is gone from
            here.
          </span>
        </Banner>
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Done</Button>
      </DialogActions>
    </>
  );
}
