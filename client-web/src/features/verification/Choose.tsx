"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Code } from "./Code.tsx";
import { Scanner } from "./Scanner.tsx";
import { called, type Other } from "./other.ts";

/** Both are there: emoji, for which a phone call is enough, or a code, for two screens in one room. */
export function Choose({
  other,
  qr,
  canScan,
  onEnd,
}: {
  other: Other;
  qr: string | undefined;
  canScan: boolean;
  onEnd: () => void;
}) {
  const emoji = useCommand("verification.chooseEmoji");
  const scan = useCommand("verification.scan");
  const [scanning, setScanning] = useState(false);
  const failure = emoji.failure ?? scan.failure;
  return (
    <>
      <DialogBody>
        {scanning ? (
          <>
            <p>Hold the code on the screen of {called(other)} in front of the camera.</p>
            <Scanner onCode={(data) => void scan.run({ data })} />
          </>
        ) : (
          <>
            <p>
              {other.self
                ? "Both devices are there. Compare seven emoji, or scan the code of one with the other."
                : `${other.name} is there. On the phone, compare seven emoji. In one room, one of you can scan the other’s code.`}
            </p>
            {qr === undefined ? null : (
              <Code
                data={qr}
                label={`Code for ${called(other)} to scan. Without a camera, compare emoji instead.`}
              />
            )}
          </>
        )}
        {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onEnd}>Cancel</Button>
        {canScan ? (
          <Button onPress={() => setScanning(!scanning)}>
            {scanning ? (qr === undefined ? "Stop the camera" : "Show my code") : "Scan their code"}
          </Button>
        ) : null}
        <Button kind="primary" busy={emoji.busy} onPress={() => void emoji.run({})} autoFocus>
          Compare emoji
        </Button>
      </DialogActions>
    </>
  );
}
