"use client";

import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";

/** Instead of the recovery key: a device that is signed already signs this one. */
export function UseOtherDevice() {
  const start = useCommand("verification.start");
  return (
    <>
      <Button wide busy={start.busy} onPress={() => void start.run({})}>
        Use another device instead
      </Button>
      {start.failure ? <Banner tone="danger">{start.failure.message}</Banner> : null}
    </>
  );
}
