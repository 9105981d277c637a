"use client";

import type {
  ClientPort,
  CommandArg,
  CommandName,
  CommandValue,
  Outcome,
  Slice,
  Views,
} from "@hearth/client-core/contract.ts";
import { createContext, useCallback, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { startClient } from "./startClient.ts";

const PortContext = createContext<ClientPort | undefined>(undefined);

/** Makes the one client of this page and hands it to everything below. It outlives every change of route. */
export function ClientProvider({ children }: { children: React.ReactNode }) {
  const [port, setPort] = useState<ClientPort>();

  useEffect(() => {
    let stopped = false;
    const started = startClient();
    void started.then((client) => {
      if (!stopped) setPort(client);
    });
    return () => {
      stopped = true;
      setPort(undefined);
      void started.then((client) => client.dispose());
    };
  }, []);

  return <PortContext value={port}>{children}</PortContext>;
}

const nothing = () => undefined;
const neverChanges = () => nothing;

/** The newest snapshot of a slice, or undefined before the first (and while the page is prerendered). */
export function useView<S extends Slice>(slice: S): Views[S] | undefined {
  const port = useContext(PortContext);
  const subscribe = useCallback(
    (listener: () => void) => (port ? port.subscribe(slice, listener) : neverChanges()),
    [port, slice],
  );
  return useSyncExternalStore(subscribe, () => port?.view(slice), nothing);
}

export type Run = <Name extends CommandName>(
  name: Name,
  arg: CommandArg<Name>,
) => Promise<Outcome<CommandValue<Name>>>;

/** Gives commands to the client. Never rejects: failure is a value. */
export function useRun(): Run {
  const port = useContext(PortContext);
  return useCallback(
    (name, arg) =>
      port
        ? port.run(name, arg)
        : Promise.resolve({
            ok: false as const,
            code: "unexpected" as const,
            message: "Hearth is still starting. Try again in a moment.",
          }),
    [port],
  );
}
