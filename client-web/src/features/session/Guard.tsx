"use client";

import { usePathname } from "next/navigation";
import { useEffect, type ReactNode } from "react";
import { forgetDrafts } from "../../client/drafts.ts";
import { useGo } from "../../client/location.ts";
import { useView } from "../../client/port.tsx";
import { Frame } from "../shell/Frame.tsx";
import { PublicFrame } from "../shell/PublicFrame.tsx";
import { AppLocked } from "../appLock/AppLocked.tsx";
import { decide, worthReturningTo } from "./guard.ts";
import { Locked } from "./Locked.tsx";
import { OutOfContact } from "./OutOfContact.tsx";
import { OtherTab, Splash, StorageProblem } from "./states.tsx";

/** Where somebody wanted to go before they had to sign in. In memory: the address may name a room. */
let wanted: string | undefined;

/** Shows the page that the address names, if the session allows it, in the frame that the session has. */
export function Guard({ children }: { children: ReactNode }) {
  const session = useView("session");
  const path = usePathname();
  const go = useGo();
  const decision = decide(session?.phase, path);
  const target = "go" in decision ? decision.go : undefined;
  const phase = session?.phase.kind;

  useEffect(() => {
    if (phase === "signed_out") forgetDrafts();
  }, [phase]);

  useEffect(() => {
    if (target === undefined) return;
    if (target === "/sign-in/" && worthReturningTo(path)) wanted = path + window.location.hash;
    const next = target === "/requests/" && wanted ? wanted : target;
    if (target === "/requests/") wanted = undefined;
    go(next, { replace: true });
  }, [target, path, go]);

  if ("go" in decision || decision.show === "splash") return <Splash />;
  if (decision.show === "other_tab") return <OtherTab />;
  if (decision.show === "storage_problem")
    return (
      <StorageProblem message={session?.phase.kind === "storage_problem" ? session.phase.message : ""} />
    );
  if (decision.show === "app_locked")
    return session?.phase.kind === "app_locked" ? <AppLocked phase={session.phase} /> : null;
  if (decision.show === "locked")
    return session?.phase.kind === "locked" ? (
      <Locked userId={session.phase.userId} message={session.phase.message} />
    ) : null;
  if (decision.show === "no_start")
    return <OutOfContact message={session?.phase.kind === "no_start" ? session.phase.message : ""} />;
  if (decision.show === "out_of_contact")
    return <OutOfContact message={session?.phase.kind === "out_of_contact" ? session.phase.message : ""} />;
  return phase === "ready" ? <Frame>{children}</Frame> : <PublicFrame>{children}</PublicFrame>;
}
