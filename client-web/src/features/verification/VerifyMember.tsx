"use client";

import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { say } from "../../ui/Toasts.tsx";

/** Begins the comparison with a member; what follows is a window of its own. */
export function VerifyMember({ userId, name }: { userId: string; name: string }) {
  const start = useCommand("verification.start");
  const press = async () => {
    const outcome = await start.run({ userId });
    if (!outcome.ok) say(outcome.message);
  };
  return (
    <Button size="small" busy={start.busy} onPress={() => void press()}>
      Verify<span className="visually-hidden"> {name}</span>
    </Button>
  );
}
