"use client";

import type { PasskeyAsk, SessionView } from "@hearth/client-core/contract.ts";
import { useEffect, useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form } from "../../ui/Form.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { unsay } from "../../ui/Toasts.tsx";
import { LeaveDevice } from "../session/LeaveDevice.tsx";
import { Card, PublicFrame } from "../shell/PublicFrame.tsx";
import { askPasskey, PasskeyProblem } from "./passkey.ts";
import { spanWords } from "../../ui/spanWords.ts";

type Phase = Extract<SessionView["phase"], { kind: "app_locked" }>;

/** All that a locked Hearth shows. Not even whose it is. Begins anew with each wait, and counts from its beginning. */
export function AppLocked({ phase }: { phase: Phase }) {
  return <LockForm key={phase.nextTryAt ?? 0} phase={phase} />;
}

function LockForm({ phase }: { phase: Phase }) {
  const open = useCommand("lock.open");
  const [passphrase, setPassphrase] = useState("");
  const [missing, setMissing] = useState<{ passphrase?: string }>({});
  const waitMs = useWait(phase.nextTryAt);
  useEffect(unsay, []);

  const submit = () => {
    if (passphrase === "") return setMissing({ passphrase: "Type the passphrase of the app lock." });
    setMissing({});
    void open.run({ passphrase }).then((outcome) => {
      if (!outcome.ok) setPassphrase("");
    });
  };
  const wrong = open.failure?.code === "wrong_passphrase" ? open.failure.message : undefined;
  const waiting = waitMs > 0;

  return (
    <PublicFrame>
      <Card title="Hearth is locked" lead="Type the passphrase of the app lock on this device.">
        {waiting ? (
          <Banner tone="warn" live={false}>
            The passphrase was wrong {phase.failed} times. You can try again in {spanWords(waitMs)}. Nothing
            is lost.
          </Banner>
        ) : null}
        <Form
          label="Unlock"
          onSubmit={submit}
          errors={wrong && !waiting ? { passphrase: wrong } : missing}
          failure={wrong || waiting ? undefined : open.failure?.message}
          actions={
            <Button
              type="submit"
              kind="primary"
              size="large"
              wide
              busy={open.busy}
              {...(waiting ? { disabled: true } : {})}
            >
              Unlock
            </Button>
          }
        >
          <PasswordField
            label="Passphrase"
            value={passphrase}
            onChange={setPassphrase}
            autoComplete="off"
            error={waiting ? undefined : (wrong ?? missing.passphrase)}
            autoFocus
          />
        </Form>
        {phase.passkey ? <OpenByPasskey ask={phase.passkey} /> : null}
        <p>
          It is not your password, and nobody can tell it to you. If you have forgotten it, sign out and come
          back with your password and your recovery key.
        </p>
        <LeaveDevice />
      </Card>
    </PublicFrame>
  );
}

function OpenByPasskey({ ask }: { ask: PasskeyAsk }) {
  const open = useCommand("lock.openByPasskey");
  const [problem, setProblem] = useState<string>();
  const press = async () => {
    setProblem(undefined);
    try {
      const { prf } = await askPasskey(ask);
      await open.run({ prf });
    } catch (error) {
      if (!(error instanceof PasskeyProblem)) throw error;
      setProblem(error.message);
    }
  };
  const failure = problem ?? open.failure?.message;
  return (
    <>
      {failure ? <Banner tone="danger">{failure}</Banner> : null}
      <Button wide busy={open.busy} onPress={() => void press()}>
        Unlock with the passkey
      </Button>
    </>
  );
}

/** Milliseconds until then, by the second. */
function useWait(until: number | undefined): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (until === undefined) return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return until === undefined ? 0 : Math.max(0, until - now);
}
