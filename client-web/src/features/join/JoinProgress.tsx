"use client";

import type { JoinView } from "@hearth/client-core/contract.ts";
import { useEffect, useRef, useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Card } from "../shell/PublicFrame.tsx";
import styles from "./JoinProgress.module.css";

const STEPS = [
  { step: "registering", words: "Making your account" },
  { step: "signing_in", words: "Signing in" },
  { step: "encryption", words: "Setting up encryption" },
  { step: "asking", words: "Sending your invite" },
  { step: "joining", words: "Entering your team" },
] as const satisfies readonly { step: JoinView["step"]; words: string }[];

/** Joining that goes on after encryption was set up, or after a reload or a cut connection. */
export function JoinProgress() {
  const join = useView("join");
  const resume = useCommand("join.resume");
  const signOut = useCommand("session.signOut");
  const [leaving, setLeaving] = useState(false);
  const tried = useRef(false);
  const stuck = join !== undefined && (join.step === "idle" || join.step === "failed");

  const { run } = resume;
  useEffect(() => {
    if (!join?.canResume || join.step !== "idle" || tried.current) return;
    tried.current = true;
    void run({});
  }, [join, run]);

  return (
    <Card
      title="Joining your team"
      wide
      lead="This usually takes a few seconds. You can close the page and come back: it goes on where it stopped."
    >
      <JoinSteps step={join?.step ?? "idle"} />
      {join?.step === "asking" && join.message ? <Banner tone="info">{join.message}</Banner> : null}
      {stuck && !resume.busy ? (
        <>
          {join.message || resume.failure ? (
            <Banner tone="danger">{resume.failure?.message ?? join.message}</Banner>
          ) : null}
          <Button kind="primary" size="large" wide busy={resume.busy} onPress={() => void resume.run({})}>
            Go on joining
          </Button>
          <Button kind="quiet" wide onPress={() => setLeaving(true)}>
            Give up and start over
          </Button>
        </>
      ) : null}
      <ConfirmDialog
        title="Start over?"
        open={leaving}
        action="Start over"
        busy={signOut.busy}
        failure={signOut.failure?.message}
        onConfirm={() => void signOut.run({})}
        onClose={() => setLeaving(false)}
      >
        <p>
          What was done so far is thrown away on this device. You will need a new invite link from your team.
        </p>
      </ConfirmDialog>
    </Card>
  );
}

export function JoinSteps({ step }: { step: JoinView["step"] }) {
  const at = step === "done" ? STEPS.length : STEPS.findIndex((each) => each.step === step);
  return (
    <ol className={styles.steps} aria-label="Progress">
      {STEPS.map((each, i) => (
        <li
          key={each.step}
          className={styles.step}
          data-state={i < at ? "done" : i === at ? "now" : "later"}
          {...(i === at ? { "aria-current": "step" as const } : {})}
        >
          <span className={styles.mark}>
            {i < at ? <Icon name="check" size={16} /> : i === at ? <Spinner /> : null}
          </span>
          {each.words}
          {i < at ? <span className="visually-hidden"> (done)</span> : null}
        </li>
      ))}
    </ol>
  );
}
