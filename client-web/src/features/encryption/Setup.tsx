"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { Forgotten } from "./Forgotten.tsx";
import { MakeKey } from "./MakeKey.tsx";
import { ShowKey } from "./ShowKey.tsx";
import { Unlock } from "./Unlock.tsx";

/** Encryption, as far as a person has to do something about it. */
export function Setup() {
  const phase = useView("session")?.phase;
  const [forgotten, setForgotten] = useState(false);
  // A command hands out the key before the next view does; whichever comes first is shown.
  const [made, setMade] = useState<string>();
  if (phase?.kind !== "setup") return null;
  if (phase.step === "show_key" || made !== undefined)
    return <ShowKey recoveryKey={phase.recoveryKey ?? made} onMade={setMade} />;
  if (phase.step === "new") return <MakeKey onMade={setMade} />;
  if (forgotten) return <Forgotten onBack={() => setForgotten(false)} onMade={setMade} />;
  return <Unlock onForgotten={() => setForgotten(true)} />;
}
