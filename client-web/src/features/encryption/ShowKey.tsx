"use client";

import { useState } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Card } from "../shell/PublicFrame.tsx";
import { KeyCard } from "./KeyCard.tsx";

/** The key, once. It goes on only when the person says that they kept it. */
export function ShowKey({
  recoveryKey,
  onMade,
}: {
  recoveryKey: string | undefined;
  onMade: (key: string) => void;
}) {
  const confirm = useCommand("encryption.confirmSaved");
  const renew = useCommand("encryption.newRecoveryKey");
  const [kept, setKept] = useState(false);

  if (recoveryKey === undefined)
    return (
      <Card title="Your recovery key" wide>
        <p>
          A recovery key was made, but this page no longer has it, and it is never shown twice. Make a new
          one; the old one then stops working.
        </p>
        {renew.failure ? <Banner tone="danger">{renew.failure.message}</Banner> : null}
        <Button
          kind="primary"
          size="large"
          wide
          busy={renew.busy}
          onPress={() =>
            void renew.run({}).then((outcome) => outcome.ok && onMade(outcome.value.recoveryKey))
          }
        >
          Make a new recovery key
        </Button>
      </Card>
    );

  return (
    <Card
      title="Keep your recovery key"
      wide
      lead="It is shown only now. You will need it whenever you sign in on another device."
    >
      <KeyCard recoveryKey={recoveryKey} />
      <Checkbox checked={kept} onChange={setKept}>
        I have kept my recovery key where I will find it again
      </Checkbox>
      {confirm.failure ? <Banner tone="danger">{confirm.failure.message}</Banner> : null}
      <Button
        kind="primary"
        size="large"
        wide
        disabled={!kept}
        busy={confirm.busy}
        onPress={() => void confirm.run({})}
      >
        Continue
      </Button>
    </Card>
  );
}
