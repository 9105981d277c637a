"use client";

import { Banner } from "../../ui/Banner.tsx";
import { Card, PublicFrame } from "../shell/PublicFrame.tsx";
import { LeaveDevice } from "./LeaveDevice.tsx";

/**
 * The clocks leave it open whether this device may still show anything, or the server's half of the key is missing. It
 * goes on by itself when there is contact.
 */
export function OutOfContact({ message }: { message: string }) {
  return (
    <PublicFrame>
      <Card title="Connect to go on">
        <Banner tone="warn">{message}</Banner>
        <p role="status">Looking for your team’s server…</p>
        <LeaveDevice />
      </Card>
    </PublicFrame>
  );
}
