"use client";

import type { LockView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Form, type Errors } from "../../ui/Form.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { Select } from "../../ui/Select.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { PasswordField } from "../../ui/TextField.tsx";
import { say } from "../../ui/Toasts.tsx";
import { NewPassphrase, useNewPassphrase } from "./NewPassphrase.tsx";
import { PassphraseForm } from "./PassphraseForm.tsx";
import { PasskeySection } from "./PasskeySection.tsx";
import { spanWords } from "../../ui/spanWords.ts";

/** A passphrase before everything that this device keeps. */
export function AppLock() {
  const lock = useView("lock");
  return (
    <Page
      title="App lock"
      narrow
      lead="A passphrase for this device. While Hearth is locked, its keys lie on this device under that passphrase alone: who copies the disk, or finds the browser open, reads nothing."
    >
      {lock?.needsServer ? (
        <Banner tone="info" live={false}>
          Your team wants it so: half of this device’s key lies with the server, so Hearth starts here only
          with a network.
        </Banner>
      ) : null}
      {!lock ? (
        <p role="status">
          <Spinner /> Loading…
        </p>
      ) : lock.on ? (
        <On lock={lock} />
      ) : (
        <Section title="Turn on">
          <TurnOn />
        </Section>
      )}
    </Page>
  );
}

function TurnOn() {
  const turnOn = useCommand("lock.turnOn");
  const fresh = useNewPassphrase();
  const [errors, setErrors] = useState<Errors<"next" | "again">>({});
  const submit = async () => {
    const found = fresh.problems();
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await turnOn.run({ passphrase: fresh.passphrase });
    if (outcome.ok) say("The app lock is on.");
    else if (outcome.code === "weak_password") setErrors({ next: outcome.message });
  };
  return (
    <Form
      label="Turn on the app lock"
      onSubmit={() => void submit()}
      errors={errors}
      failure={turnOn.failure?.code === "weak_password" ? undefined : turnOn.failure?.message}
      actions={
        <Button type="submit" kind="primary" busy={turnOn.busy}>
          Turn on
        </Button>
      }
    >
      <Banner tone="info" live={false}>
        Nobody can tell you this passphrase if you forget it. You then sign out and come back with your
        password and your recovery key.
      </Banner>
      <NewPassphrase fresh={fresh} errors={errors} />
    </Form>
  );
}

function On({ lock }: { lock: LockView }) {
  const lockNow = useCommand("lock.now");
  return (
    <>
      <Section title="It is on">
        <p>You are asked for the passphrase whenever Hearth starts, and when it was not used for a while.</p>
        <LockItself lock={lock} />
        <div>
          <Button busy={lockNow.busy} onPress={() => void lockNow.run({})}>
            Lock now
          </Button>
        </div>
      </Section>
      <Section title="Passkey">
        <PasskeySection has={lock.hasPasskey} />
      </Section>
      <Section title="Change the passphrase">
        <Change />
      </Section>
      <Section title="Turn off">
        <TurnOff />
      </Section>
    </>
  );
}

const MINUTE = 60_000;
const TIMES = [1, 5, 15, 30, 60, 240].map((minutes) => ({
  value: String(minutes * MINUTE),
  label: spanWords(minutes * MINUTE),
}));

function LockItself({ lock }: { lock: LockView }) {
  const setIdle = useCommand("lock.setIdle");
  const value = lock.idleMs === undefined ? "never" : String(lock.idleMs);
  const known = [...TIMES, { value: "never", label: "Never" }];
  const options = known.some((each) => each.value === value)
    ? known
    : [{ value, label: spanWords(Number(value)) }, ...known];
  return (
    <>
      <Select
        label="Lock by itself when unused for"
        value={value}
        options={options}
        onChange={(next) => void setIdle.run({ idleMs: next === "never" ? null : Number(next) })}
      />
      {lock.mostIdleMs === undefined ? null : (
        <p>Your team wants it after {spanWords(lock.mostIdleMs)} at the latest.</p>
      )}
      {setIdle.failure ? <Banner tone="danger">{setIdle.failure.message}</Banner> : null}
    </>
  );
}

function Change() {
  const change = useCommand("lock.change");
  const [current, setCurrent] = useState("");
  const fresh = useNewPassphrase();
  const [errors, setErrors] = useState<Errors<"current" | "next" | "again">>({});
  const submit = async () => {
    const found: Errors<"current" | "next" | "again"> = {
      ...(current === "" ? { current: "Type the passphrase that you have now." } : {}),
      ...fresh.problems(),
    };
    setErrors(found);
    if (Object.keys(found).length > 0) return;
    const outcome = await change.run({ current, next: fresh.passphrase });
    if (outcome.ok) {
      setCurrent("");
      fresh.clear();
      say("The passphrase is changed.");
    } else if (outcome.code === "wrong_passphrase") setErrors({ current: outcome.message });
    else if (outcome.code === "weak_password") setErrors({ next: outcome.message });
  };
  const beside = change.failure?.code === "wrong_passphrase" || change.failure?.code === "weak_password";
  return (
    <Form
      label="Change the passphrase"
      onSubmit={() => void submit()}
      errors={errors}
      failure={beside ? undefined : change.failure?.message}
      actions={
        <Button type="submit" busy={change.busy}>
          Change passphrase
        </Button>
      }
    >
      <PasswordField
        label="Current passphrase"
        value={current}
        onChange={setCurrent}
        error={errors.current}
        autoComplete="off"
      />
      <NewPassphrase fresh={fresh} errors={errors} />
    </Form>
  );
}

function TurnOff() {
  const turnOff = useCommand("lock.turnOff");
  return (
    <PassphraseForm
      label="Turn off the app lock"
      field="Passphrase"
      hint="Hearth then opens without asking, for whoever has this device or copies its disk."
      action="Turn off"
      busy={turnOff.busy}
      onSubmit={async (passphrase) => {
        const outcome = await turnOff.run({ passphrase });
        if (!outcome.ok) return outcome;
        say("The app lock is off.");
      }}
    />
  );
}
