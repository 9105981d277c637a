"use client";

import { useView } from "../../client/port.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { spanWords } from "../../ui/spanWords.ts";

/** On top of every page while this device's clock is ahead: what that hides, and what it will destroy. */
export function ClockBar() {
  const clock = useView("clock");
  if (!clock) return null;
  return (
    <Banner tone="warn" flat live>
      This device’s clock is {spanWords(clock.aheadMs)} ahead of your team’s server. Messages that look too
      old are hidden. Set the clock right, and they come back. If you don’t, this device deletes them after{" "}
      {spanWords(clock.believedInMs)} of use.
    </Banner>
  );
}
