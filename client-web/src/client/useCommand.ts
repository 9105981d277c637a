"use client";

import type {
  CommandArg,
  CommandName,
  CommandValue,
  FailureCode,
  Outcome,
} from "@hearth/client-core/contract.ts";
import { useCallback, useRef, useState } from "react";
import { useRun } from "./port.tsx";

export type Failure = { readonly code: FailureCode; readonly message: string };

export type CommandState<Name extends CommandName> = {
  readonly run: (arg: CommandArg<Name>) => Promise<Outcome<CommandValue<Name>>>;
  readonly busy: boolean;
  readonly failure: Failure | undefined;
  readonly clear: () => void;
};

/** One command with its progress: whether it is under way, and why it failed the last time. */
export function useCommand<Name extends CommandName>(name: Name): CommandState<Name> {
  const give = useRun();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const latest = useRef(0);
  const under = useRef<{ key: string; answer: Promise<Outcome<CommandValue<Name>>> }>(undefined);

  const run = useCallback(
    async (arg: CommandArg<Name>) => {
      const call = ++latest.current;
      setBusy(true);
      setFailure(undefined);
      // Pressed twice: one command, one answer.
      const key = JSON.stringify(arg);
      if (under.current?.key !== key) under.current = { key, answer: give(name, arg) };
      const mine = under.current;
      const outcome = await mine.answer;
      if (under.current === mine) under.current = undefined;
      if (call === latest.current) {
        setBusy(false);
        setFailure(outcome.ok ? undefined : { code: outcome.code, message: outcome.message });
      }
      return outcome;
    },
    [give, name],
  );
  const clear = useCallback(() => setFailure(undefined), []);
  return { run, busy, failure, clear };
}
