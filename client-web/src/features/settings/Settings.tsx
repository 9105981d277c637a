"use client";

import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Choices } from "../../ui/choices.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Page, Section } from "../../ui/Page.tsx";
import { DevicePolicy } from "./DevicePolicy.tsx";
import { PolicyForm } from "./PolicyForm.tsx";
import styles from "./Settings.module.css";
import { useTheme, type Theme } from "./theme.ts";

const THEMES = [
  { value: "system", label: "Match device" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const satisfies readonly { value: Theme; label: string }[];

export function Settings() {
  const session = useView("session");
  const org = useView("org");
  const policy = org?.policy;
  const [theme, setTheme] = useTheme();
  return (
    <Page title="Settings" narrow>
      {org?.incomplete ? <Banner tone="warn">{org.incomplete}</Banner> : null}
      <Section title="Appearance">
        <Choices label="Theme" value={theme} options={THEMES} onChange={setTheme} />
      </Section>
      <Section title="Your account">
        <ul className={styles.links}>
          <li>
            <LinkButton href="/devices/" wide>
              <Icon name="device" size={18} /> Devices and recovery key
            </LinkButton>
          </li>
          <li>
            <LinkButton href="/access/" wide>
              <Icon name="clock" size={18} /> Access to older messages
            </LinkButton>
          </li>
          <li>
            <LinkButton href="/password/" wide>
              <Icon name="key" size={18} /> Change password
            </LinkButton>
          </li>
          <li>
            <LinkButton href="/lock/" wide>
              <Icon name="lock" size={18} /> App lock
            </LinkButton>
          </li>
        </ul>
      </Section>
      {policy && session?.permissions.includes("edit_org_settings") ? (
        <Section title="Organisation">
          <PolicyForm policy={policy} />
        </Section>
      ) : null}
      {policy && session?.permissions.includes("edit_org_settings") ? (
        <Section title="Devices of the organisation">
          <DevicePolicy policy={policy} />
        </Section>
      ) : null}
      <Section title="Sign out">
        <SignOut />
      </Section>
    </Page>
  );
}

function SignOut() {
  const outbox = useView("outbox");
  const signOut = useCommand("session.signOut");
  const [asking, setAsking] = useState(false);
  const unsent = (outbox?.waiting ?? 0) + (outbox?.failed ?? 0);
  return (
    <>
      <p>Destroys the keys and everything else that Hearth keeps on this device.</p>
      <div>
        <Button onPress={() => setAsking(true)}>Sign out</Button>
      </div>
      <ConfirmDialog
        title="Sign out of this device?"
        open={asking}
        action="Sign out"
        busy={signOut.busy}
        failure={signOut.failure?.message}
        onConfirm={() => void signOut.run({})}
        onClose={() => setAsking(false)}
      >
        <p>
          To come back you need your password and your <b>recovery key</b>. Make sure that you have it: nobody
          can give it to you again.
        </p>
        <p>
          This device then reads nothing that was written before: what open requests say comes back once a
          colleague’s device is online, and older messages only from a key backup or an admin.
        </p>
        {unsent > 0 ? (
          <p>
            <b>{unsent === 1 ? "One thing was" : `${unsent} things were`} not sent yet and will be lost.</b>
          </p>
        ) : null}
      </ConfirmDialog>
    </>
  );
}
