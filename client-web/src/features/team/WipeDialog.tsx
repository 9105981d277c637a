"use client";

import type { CommandValue, MemberRow } from "@hearth/client-core/contract.ts";
import { useEffect, useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox, Choices } from "../../ui/choices.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { At } from "../../ui/Time.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./Team.module.css";

type Device = CommandValue<"wipe.devices">["devices"][number];
export type WipeMode = "keys" | "sign_out";

const MODES = [
  { value: "keys", label: "Keys only" },
  { value: "sign_out", label: "Sign out too" },
] as const;
const WHAT: Readonly<Record<WipeMode, string>> = {
  keys: "They are told to sign in again with their password, and go on as a new device.",
  sign_out: "For a device that is lost or stolen: nothing on it says who used it.",
};

/** Which devices of somebody are to lose their keys. */
export function WipeDialog({
  member,
  asked,
  onClose,
}: {
  member: Pick<MemberRow, "userId" | "name">;
  /** What somebody asked for in the admin room. */
  asked?: { deviceId?: string; mode: WipeMode };
  onClose: () => void;
}) {
  const here = useView("session");
  const { run: look, failure } = useCommand("wipe.devices");
  const wipe = useCommand("wipe.start");
  const [devices, setDevices] = useState<readonly Device[]>();
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [mode, setMode] = useState<WipeMode>(asked?.mode ?? "keys");
  const only = asked?.deviceId;
  const nothing = devices?.length === 0;

  useEffect(() => {
    void look({ userId: member.userId }).then((outcome) => {
      if (!outcome.ok) return;
      const others = outcome.value.devices.filter(({ deviceId }) => deviceId !== here?.deviceId);
      setDevices(others);
      setChosen(others.map(({ deviceId }) => deviceId).filter((id) => only === undefined || id === only));
    });
  }, [look, member.userId, here?.deviceId, only]);

  const start = async () => {
    const outcome = await wipe.run({ userId: member.userId, deviceIds: [...chosen], mode });
    if (!outcome.ok) return;
    say(
      chosen.length === 1
        ? "The device has been told. Its answer will stand under “Wiped devices”."
        : "The devices have been told. Their answers will stand under “Wiped devices”.",
    );
    onClose();
  };

  return (
    <Dialog title={`Wipe devices of ${member.name}`} open onClose={onClose} alert>
      <DialogBody>
        {nothing ? null : (
          <p>
            These devices destroy their keys and everything that Hearth keeps on them: at once if they are
            online, else when they next reach the server. It can’t be undone.
          </p>
        )}
        {devices === undefined ? (
          failure ? null : (
            <p role="status">
              <Spinner /> Looking for their devices…
            </p>
          )
        ) : nothing ? (
          <Banner tone="info">
            The server knows no other device of theirs. One that was signed out before loses its keys by
            itself, when it has had no contact for as long as the settings say.
          </Banner>
        ) : (
          <>
            <div className={styles.roles}>
              {devices.map(({ deviceId, name, signed, seenAt }) => (
                <Checkbox
                  key={deviceId}
                  checked={chosen.includes(deviceId)}
                  onChange={(on) =>
                    setChosen(on ? [...chosen, deviceId] : chosen.filter((other) => other !== deviceId))
                  }
                  hint={
                    <>
                      {deviceId}
                      {seenAt === undefined ? null : (
                        <>
                          , first seen here <At at={seenAt} />
                        </>
                      )}
                      {signed ? null : ", not signed by its owner: it gets no keys anyway"}
                    </>
                  }
                >
                  <bdi>{name}</bdi>
                </Checkbox>
              ))}
            </div>
            {devices.length > 1 ? (
              <p>
                Not sure which one? Wipe all of them: on a device that they still have, they can sign in again
                with their recovery key.
              </p>
            ) : null}
            <Choices label="What goes" value={mode} options={MODES} onChange={setMode} hint={WHAT[mode]} />
          </>
        )}
        {(failure ?? wipe.failure) ? (
          <Banner tone="danger">{(failure ?? wipe.failure)?.message}</Banner>
        ) : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>{nothing ? "Close" : "Cancel"}</Button>
        {nothing ? null : (
          <Button kind="danger" busy={wipe.busy} disabled={chosen.length === 0} onPress={() => void start()}>
            {chosen.length === 1 ? "Wipe 1 device" : `Wipe ${chosen.length} devices`}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  );
}
