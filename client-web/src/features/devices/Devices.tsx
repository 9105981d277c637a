"use client";

import type { DevicesView, SessionView } from "@hearth/client-core/contract.ts";
import { useEffect, useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { At } from "../../ui/Time.tsx";
import { BackupState } from "../backup/BackupState.tsx";
import { NewRecoveryKey } from "./NewRecoveryKey.tsx";
import { SignOutDevice } from "./SignOutDevice.tsx";
import styles from "./Devices.module.css";

type Device = DevicesView["devices"][number];

/** Where somebody is signed in, whether each place may read, and what this one can promise about forgetting. */
export function Devices() {
  const view = useView("devices");
  const storage = useView("session")?.storage ?? "bucket";
  const { run: refresh, failure } = useCommand("devices.refresh");
  useEffect(() => {
    void refresh({});
  }, [refresh]);

  return (
    <Page
      title="Your devices"
      narrow
      lead="Every browser and phone where you are signed in. Sign out what you don’t know or no longer have."
    >
      {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
      <Section>
        {!view?.loaded ? (
          <p role="status">
            <Spinner /> Loading your devices…
          </p>
        ) : (
          <ul className={styles.devices} aria-label="Devices">
            {view.devices.map((device) => (
              <DeviceLine key={device.deviceId} device={device} />
            ))}
          </ul>
        )}
      </Section>
      <Section title="Recovery key">
        <NewRecoveryKey has={view?.hasRecoveryKey ?? true} />
      </Section>
      <Section title="Key backup">
        <BackupState />
      </Section>
      <IgnoredWipes />
      <UnreadableRecords />
      <Section title="What this browser can forget">
        <Storage kind={storage} />
      </Section>
    </Page>
  );
}

function DeviceLine({ device }: { device: Device }) {
  const [leaving, setLeaving] = useState(false);
  return (
    <li className={styles.device}>
      <Icon name="device" size={24} />
      <div className={styles.words}>
        <b>
          <bdi>{device.name}</bdi>
        </b>
        <span className={styles.small}>
          {device.isThis ? (
            "You are here now"
          ) : device.lastSeenAt === undefined ? (
            "Not seen yet"
          ) : (
            <>
              Last seen <At at={device.lastSeenAt} />
            </>
          )}{" "}
          {device.firstSeenAt === undefined ? null : (
            <>
              · First seen here <At at={device.firstSeenAt} />{" "}
            </>
          )}
          {device.name === device.deviceId ? null : `· ${device.deviceId}`}
        </span>
        {device.signed ? null : (
          <span className={styles.small}>
            Gets no keys: it reads nothing, and what it writes is not shown. Unlock it there with your
            recovery key or with “Use another device instead”; or sign it out if it is not yours.
          </span>
        )}
      </div>
      {device.isThis ? <Badge tone="info">This device</Badge> : null}
      {device.signed ? <Badge tone="ok">Signed by you</Badge> : <Badge tone="warn">Not signed</Badge>}
      {device.isThis ? null : (
        <Button size="small" onPress={() => setLeaving(true)}>
          Sign out
          <span className="visually-hidden">
            {" "}
            <bdi>{device.name}</bdi>
          </span>
        </Button>
      )}
      {leaving ? <SignOutDevice device={device} onClose={() => setLeaving(false)} /> : null}
    </li>
  );
}

/** Somebody tried to have this device wiped, or an old order came again: worth telling an admin. */
function IgnoredWipes() {
  const ignored = useView("session")?.ignoredWipes ?? [];
  if (ignored.length === 0) return null;
  return (
    <Section title="Orders that this device did not follow">
      <Banner tone="warn" live={false}>
        <span>
          This device was told to destroy its keys, and did not, because nobody who may say so had signed it.
          Tell an admin.
        </span>
        <ul>
          {ignored.map(({ at, why }) => (
            <li key={`${at} ${why}`}>
              <At at={at} />: {why}.
            </li>
          ))}
        </ul>
      </Banner>
    </Section>
  );
}

/** Nothing of it was deleted: another version of the app may read it. */
function UnreadableRecords() {
  const kinds = useView("session")?.unreadableRecords ?? [];
  if (kinds.length === 0) return null;
  return (
    <Section title="Stored here, and not readable">
      <Banner tone="warn" live={false}>
        <span>
          This device stores something that this version of Hearth can’t read. Nothing of it was deleted.
          Reload the page to get the newest version; if this stays, tell whoever hosts Hearth.
        </span>
        <ul>
          {kinds.map((kind) => (
            <li key={kind}>{kind}</li>
          ))}
        </ul>
      </Banner>
    </Section>
  );
}

function Storage({ kind }: { kind: SessionView["storage"] }) {
  switch (kind) {
    case "bucket":
      return (
        <p>
          Hearth keeps everything encrypted in a storage of its own. When you sign out, this browser removes
          it as a whole, files and all.
        </p>
      );
    case "shared":
      return (
        <Banner tone="warn" live={false}>
          This browser can’t set a storage of its own apart for Hearth. What Hearth keeps is encrypted, and
          deleted when you sign out, but traces of deleted data may stay in the browser’s files for a while:
          it can’t forget for sure, and your team’s admins see that of this device. Chrome, Edge and other
          Chromium browsers do better.
        </Banner>
      );
    case "memory":
      return (
        <Banner tone="warn" live={false}>
          This browser lets Hearth keep nothing. Close the tab and everything is gone from this device, your
          keys included: you will need your recovery key next time.
        </Banner>
      );
  }
}
