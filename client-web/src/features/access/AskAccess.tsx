"use client";

import { ACCESS_CODE_LABELS, ACCESS_CODES, type AccessCode } from "@hearth/protocol";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Choices } from "../../ui/choices.tsx";
import { DateTimeField } from "../../ui/DateTimeField.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Select } from "../../ui/Select.tsx";
import { TextField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";

const WEEK_MS = 7 * 86_400_000;
const CODES = ACCESS_CODES.map((code) => ({ value: code, label: ACCESS_CODE_LABELS[code] }));

/**
 * Asks the admins for keys of older messages.
 * @param roomId the conversation it is asked from; without one it is for all
 * @param before what can't be read here lies before this instant, past the key window
 */
export function AskAccess({
  roomId,
  before,
  onClose,
}: {
  roomId?: string;
  before?: number;
  onClose: () => void;
}) {
  const ask = useCommand("access.ask");
  const [kind, setKind] = useState<"window" | "span">(before === undefined ? "window" : "span");
  const [where, setWhere] = useState<"here" | "all">(roomId === undefined ? "all" : "here");
  const [code, setCode] = useState<AccessCode>(before === undefined ? "new_device" : "follow_up");
  const [from, setFrom] = useState(before === undefined ? undefined : before - WEEK_MS);
  // Until now: a key may have gone with the oldest message that it opens, and newer ones with it.
  const [opened] = useState(Date.now);
  const [to, setTo] = useState(before === undefined ? undefined : opened);
  const [reason, setReason] = useState("");
  const [missing, setMissing] = useState(false);

  const submit = async () => {
    const isOpen = kind === "span" && (from === undefined || to === undefined || from > to);
    setMissing(isOpen);
    if (isOpen) return;
    const outcome = await ask.run({
      kind,
      code,
      ...(kind === "span" && from !== undefined && to !== undefined ? { from, to } : {}),
      ...(where === "here" && roomId !== undefined ? { roomId } : {}),
      ...(reason.trim() === "" ? {} : { reason: reason.trim() }),
    });
    if (!outcome.ok) return;
    say("The admins have your request.");
    onClose();
  };

  return (
    <Dialog title="Ask for access" open onClose={onClose}>
      <DialogBody>
        <Choices
          label="Which messages"
          value={kind}
          onChange={setKind}
          options={[
            { value: "window", label: "Recent ones" },
            { value: "span", label: "Older ones" },
          ]}
          hint={
            kind === "window"
              ? "All that your devices would still keep: a new device or a new colleague lacks them."
              : "A person has to decide, and sets when the access ends."
          }
        />
        {kind === "span" ? (
          <>
            <DateTimeField
              label="From"
              value={from}
              onChange={setFrom}
              error={missing ? "Say from when until when." : undefined}
            />
            <DateTimeField label="Until" value={to} onChange={setTo} />
          </>
        ) : null}
        {roomId === undefined ? null : (
          <Choices
            label="Where"
            value={where}
            onChange={setWhere}
            options={[
              { value: "here", label: "This request" },
              { value: "all", label: "All my requests" },
            ]}
          />
        )}
        <Select label="Why" value={code} options={CODES} onChange={setCode} />
        <TextField
          label="In your words"
          lines={3}
          value={reason}
          onChange={setReason}
          maxLength={1000}
          hint="Encrypted: only the admins’ devices can read this. All else on this page stands in the log."
        />
        {ask.failure ? <Banner tone="danger">{ask.failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" busy={ask.busy} onPress={() => void submit()}>
          Ask
        </Button>
      </DialogActions>
    </Dialog>
  );
}
