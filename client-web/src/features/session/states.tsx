"use client";

import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Mark } from "../../ui/Icon.tsx";
import { Card, PublicFrame } from "../shell/PublicFrame.tsx";
import styles from "./states.module.css";

/** While the client starts. */
export function Splash() {
  return (
    <main className={styles.splash}>
      <Mark size={56} />
      <h1 className="visually-hidden">Hearth</h1>
      <p role="status">Opening Hearth…</p>
    </main>
  );
}

export function OtherTab() {
  const takeOver = useCommand("session.takeOver");
  return (
    <PublicFrame>
      <Card title="Hearth is open in another tab">
        <p>
          Only one tab at a time can hold your messages. Go back to the other tab, or use Hearth here: the
          other tab then stops.
        </p>
        {takeOver.failure ? <Banner tone="danger">{takeOver.failure.message}</Banner> : null}
        <Button kind="primary" size="large" wide busy={takeOver.busy} onPress={() => void takeOver.run({})}>
          Use Hearth in this tab
        </Button>
      </Card>
    </PublicFrame>
  );
}

export function StorageProblem({ message }: { message: string }) {
  return (
    <PublicFrame>
      <Card title="This browser gives Hearth no room to work">
        <Banner tone="danger">{message}</Banner>
        <p>
          Hearth keeps your keys and messages encrypted on this device. What usually helps: leave private
          browsing, free some disk space, and allow this site to store data. Then try again.
        </p>
        <Button kind="primary" size="large" wide onPress={() => window.location.reload()}>
          Try again
        </Button>
      </Card>
    </PublicFrame>
  );
}
