"use client";

import { useEffect, type ReactNode } from "react";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { EmojiPicture } from "./EmojiPicture.tsx";
import { called, type Other } from "./other.ts";
import styles from "./verification.module.css";

type Ending = { other: Other; onEnd: () => void };

/** I asked; nobody has said yes yet. */
export function Asking(step: Ending) {
  const { other } = step;
  return (
    <TheirTurn {...step}>
      {other.self ? (
        <p>
          Open Hearth on a device where you are already signed in. It shows at the top that this one asks to
          be verified: say yes there.
        </p>
      ) : (
        <p>
          <bdi>{other.name}</bdi> is being asked on every device where they are signed in. Call them, or sit
          together: you both need to look at a screen, and to hear each other.
        </p>
      )}
    </TheirTurn>
  );
}

export function Waiting({ scanned, ...step }: Ending & { scanned: boolean }) {
  const { other } = step;
  return (
    <TheirTurn {...step}>
      {scanned ? (
        <Banner tone="ok" live>
          {other.self
            ? "That was the right code. Now say on your other device that it worked."
            : `That was the right code. Tell ${other.name} that it worked.`}
        </Banner>
      ) : null}
    </TheirTurn>
  );
}

/** Nothing to do here but to wait, or to stop. */
function TheirTurn({ other, onEnd, children }: Ending & { children: ReactNode }) {
  return (
    <>
      <DialogBody>
        {children}
        <p role="status">
          <Spinner /> Waiting for {called(other)}…
        </p>
      </DialogBody>
      <DialogActions>
        <Button onPress={onEnd} autoFocus>
          Cancel
        </Button>
      </DialogActions>
    </>
  );
}

/** Seven pictures. Only the two people, with their own ears or eyes, can say whether they are the same. */
export function Emoji({
  other,
  emoji,
  said,
}: {
  other: Other;
  emoji: { symbol: string; name: string }[];
  said: boolean;
}) {
  const confirm = useCommand("verification.confirm");
  const mismatch = useCommand("verification.mismatch");
  const failure = confirm.failure ?? mismatch.failure;
  return (
    <>
      <DialogBody>
        <p>
          {other.self
            ? "Look at both screens: are these seven the same, in the same order?"
            : `On the phone or side by side, read these out to each other: does ${other.name} see the same seven, in the same order? Do not compare them in writing.`}
        </p>
        <ol className={styles.emoji} aria-label="Emoji to compare">
          {emoji.map(({ symbol, name }, index) => (
            // By place: one can come twice.
            <li key={index}>
              <EmojiPicture symbol={symbol} />
              {name}
            </li>
          ))}
        </ol>
        {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
        {said ? (
          <p role="status">
            <Spinner /> Waiting for {called(other)} to say the same…
          </p>
        ) : null}
      </DialogBody>
      <DialogActions>
        <Button kind="danger" busy={mismatch.busy} onPress={() => void mismatch.run({})}>
          They differ
        </Button>
        {said ? null : (
          <Button kind="primary" busy={confirm.busy} onPress={() => void confirm.run({})}>
            They are the same
          </Button>
        )}
      </DialogActions>
    </>
  );
}

/** The other has scanned the code on this screen. That it was this one, their screen says. */
export function Scanned({ other, said }: { other: Other; said: boolean }) {
  const confirm = useCommand("verification.confirm");
  const mismatch = useCommand("verification.mismatch");
  const failure = confirm.failure ?? mismatch.failure;
  return (
    <>
      <DialogBody>
        <p>
          {other.self
            ? "Does your other device say that it was the right code?"
            : `Ask ${other.name}: does their screen say that it was the right code?`}
        </p>
        {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
        {said ? (
          <p role="status">
            <Spinner /> One moment…
          </p>
        ) : null}
      </DialogBody>
      <DialogActions>
        <Button kind="danger" busy={mismatch.busy} onPress={() => void mismatch.run({})}>
          No
        </Button>
        {said ? null : (
          <Button kind="primary" busy={confirm.busy} onPress={() => void confirm.run({})}>
            Yes, it worked
          </Button>
        )}
      </DialogActions>
    </>
  );
}

export function Done({ other, onEnd }: Ending) {
  const { run: refresh } = useCommand("devices.refresh");
  useEffect(() => {
    if (other.self) void refresh({});
  }, [other.self, refresh]);
  return (
    <>
      <DialogBody>
        <Banner tone="ok" live>
          {other.self
            ? "Both devices know each other now. Others send keys to both."
            : `You have verified ${other.name}. If their keys are ever replaced, they stop getting your messages, and you are told.`}
        </Banner>
      </DialogBody>
      <DialogActions>
        <Button kind="primary" onPress={onEnd} autoFocus>
          Done
        </Button>
      </DialogActions>
    </>
  );
}

export function Cancelled({ other, message, alarm, onEnd }: Ending & { message: string; alarm: boolean }) {
  const start = useCommand("verification.start");
  const cancel = useCommand("verification.cancel");
  const again = async () => {
    await cancel.run({});
    await start.run(other.self ? {} : { userId: other.userId });
  };
  return (
    <>
      <DialogBody>
        <Banner tone={alarm ? "danger" : "info"} live>
          {message}
        </Banner>
      </DialogBody>
      <DialogActions>
        {alarm ? null : (
          <Button busy={start.busy || cancel.busy} onPress={() => void again()}>
            Start again
          </Button>
        )}
        <Button kind="primary" onPress={onEnd} autoFocus>
          OK
        </Button>
      </DialogActions>
    </>
  );
}
