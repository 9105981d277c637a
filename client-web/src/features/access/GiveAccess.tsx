"use client";

import type { AccessAsk } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { DateTimeField } from "../../ui/DateTimeField.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import { Choices } from "../../ui/choices.tsx";

const HOUR = 3_600_000;
const LENGTHS = [
  { value: "hour", label: "1 hour", ms: HOUR },
  { value: "day", label: "1 day", ms: 24 * HOUR },
  { value: "week", label: "1 week", ms: 7 * 24 * HOUR },
  { value: "other", label: "Until…", ms: undefined },
] as const;

/** An admin says yes, and until when. */
export function GiveAccess({ ask, onClose }: { ask: AccessAsk; onClose: () => void }) {
  const give = useCommand("access.give");
  const [length, setLength] = useState<(typeof LENGTHS)[number]["value"]>("day");
  const [until, setUntil] = useState<number>();
  const [missing, setMissing] = useState(false);

  const submit = async () => {
    const ms = LENGTHS.find(({ value }) => value === length)?.ms;
    const end = ms === undefined ? until : Date.now() + ms;
    setMissing(ask.kind === "span" && end === undefined);
    if (ask.kind === "span" && end === undefined) return;
    const outcome = await give.run({
      request: ask.request,
      ...(ask.kind === "span" && end !== undefined ? { until: end } : {}),
    });
    if (!outcome.ok) return;
    say(`This device gathers the keys and sends them to ${ask.name}.`);
    onClose();
  };

  return (
    <Dialog title={`Give ${ask.name} access`} open onClose={onClose}>
      <DialogBody>
        <p>
          This device sends the keys to <bdi>{ask.name}</bdi>’s signed devices, for requests that you are both
          in. All admins see in the log that you did.
        </p>
        {ask.kind === "span" ? (
          <>
            <Choices
              label="The access ends after"
              value={length}
              options={LENGTHS}
              onChange={setLength}
              hint="Their devices then delete the keys again."
            />
            {length === "other" ? (
              <DateTimeField
                label="Ends"
                value={until}
                onChange={setUntil}
                error={missing ? "Say when it ends: within 31 days." : undefined}
              />
            ) : null}
          </>
        ) : (
          <p>These keys go by themselves, with all others of their time.</p>
        )}
        {give.failure ? <Banner tone="danger">{give.failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind="primary" busy={give.busy} onPress={() => void submit()}>
          Give access
        </Button>
      </DialogActions>
    </Dialog>
  );
}
