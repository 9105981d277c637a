"use client";

import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import styles from "./verification.module.css";

/** Somebody asks to compare. It waits on top of the page and takes nothing from whoever is typing. */
export function VerificationBar() {
  const view = useView("verification");
  const accept = useCommand("verification.accept");
  const cancel = useCommand("verification.cancel");
  const other = view?.phase.kind === "asked" ? view.other : undefined;
  return (
    <div role="status">
      {other ? (
        <Banner tone="info" flat>
          <span>
            {other.self ? (
              <>
                <b>
                  <bdi>{other.deviceName ?? "A new device"}</bdi> asks to be verified as yours.
                </b>{" "}
                Go on only if you have just signed in there and hold it in your hands. If not, somebody has
                your password: say no, sign that device out under Devices, and change the password.
              </>
            ) : (
              <>
                <b>
                  <bdi>{other.name}</bdi> wants to verify with you.
                </b>{" "}
                You compare seven emoji on the phone or side by side; it takes a minute.
              </>
            )}
            {accept.failure ? <> {accept.failure.message}</> : null}
          </span>
          <span className={styles.ways}>
            <Button size="small" kind="primary" busy={accept.busy} onPress={() => void accept.run({})}>
              {other.self ? "Yes, it is mine" : "Verify"}
            </Button>
            <Button size="small" busy={cancel.busy} onPress={() => void cancel.run({})}>
              {other.self ? "No" : "Not now"}
            </Button>
          </span>
        </Banner>
      ) : null}
    </div>
  );
}
