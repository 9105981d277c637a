"use client";

import { isolated } from "@hearth/protocol";
import { useMemo, useState } from "react";
import { useView } from "../../client/port.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Page } from "../../ui/Page.tsx";
import { SearchField } from "../../ui/SearchField.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { InviteDialog } from "../invites/InviteDialog.tsx";
import { InviteList } from "../invites/InviteList.tsx";
import { MemberCard } from "./MemberCard.tsx";
import { roster } from "./people.ts";
import { AskedWipes, Wipes } from "./Wipes.tsx";
import styles from "./Team.module.css";
import { TeamCode, WhichList } from "./WhichList.tsx";

/** Everybody, who is on duty first, and what an admin can do about them. */
export function Team() {
  const members = useView("team")?.members;
  const org = useView("org");
  const permissions = useView("session")?.permissions ?? [];
  const [search, setSearch] = useState("");
  const [inviting, setInviting] = useState(false);
  const shown = useMemo(() => roster(members ?? [], search), [members, search]);
  const onDuty = members?.filter((member) => member.onDuty && !member.former).length ?? 0;
  const people = members?.filter((member) => !member.former).length ?? 0;
  const mayInvite = permissions.includes("invite_to_org");

  return (
    <Page
      title="Team"
      lead={
        org
          ? `${isolated(org.name)}: ${people} ${people === 1 ? "person" : "people"}, ${onDuty} on duty`
          : undefined
      }
      actions={
        mayInvite ? (
          <Button kind="primary" onPress={() => setInviting(true)}>
            <Icon name="addPeople" size={18} /> Invite someone
          </Button>
        ) : undefined
      }
    >
      {org?.incomplete ? <Banner tone="warn">{org.incomplete}</Banner> : null}
      <AskedWipes />
      <Wipes which="last day" />
      <WhichList />
      <SearchField label="Search people" value={search} onChange={setSearch} />
      {members === undefined ? (
        <p role="status">
          <Spinner /> Loading the team…
        </p>
      ) : shown.length === 0 ? (
        <Empty title="Nobody found">
          <p>Nobody here has a name like that.</p>
        </Empty>
      ) : (
        <ul className={styles.members} aria-label="Members">
          {shown.map((member) => (
            <li key={member.userId}>
              <MemberCard member={member} />
            </li>
          ))}
        </ul>
      )}
      <TeamCode />
      <Wipes which="earlier" />
      {mayInvite ? <InviteList /> : null}
      {inviting ? <InviteDialog onClose={() => setInviting(false)} /> : null}
    </Page>
  );
}
