"use client";

import type { ReactNode } from "react";
import { RouterProvider } from "react-aria-components";
import { useGo } from "../../client/location.ts";
import { ClientProvider } from "../../client/port.tsx";
import { Toasts } from "../../ui/Toasts.tsx";
import { VerificationDialog } from "../verification/VerificationDialog.tsx";

/** What every page stands on: the client, the router for React Aria's links, and the place for announcements. */
export function Providers({ children }: { children: ReactNode }) {
  const go = useGo();
  return (
    <RouterProvider navigate={go}>
      <ClientProvider>
        {children}
        <VerificationDialog />
        <Toasts />
      </ClientProvider>
    </RouterProvider>
  );
}
