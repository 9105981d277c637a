"use client";

import type { InvitesView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { shortName, isolated } from "@hearth/protocol";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { Section } from "../../ui/Page.tsx";
import { At } from "../../ui/Time.tsx";
import { say } from "../../ui/Toasts.tsx";
import { useRoleNames } from "../team/roles.ts";
import styles from "./invites.module.css";

type Invite = InvitesView["invites"][number];
const STATUS = {
  pending: { label: "Not used yet", tone: "info" },
  accepted: { label: "Used", tone: "ok" },
  revoked: { label: "Taken back", tone: "quiet" },
  expired: { label: "Expired", tone: "quiet" },
} as const;

export function InviteList() {
  const view = useView("invites");
  if (!view?.loaded) return null;
  return (
    <Section title="Invites">
      {view.invites.length === 0 ? (
        <p className={styles.small}>Nobody is invited. A link that you make stands here until it is used.</p>
      ) : (
        <ul className={styles.list} aria-label="Invites">
          {view.invites.map((invite) => (
            <InviteLine key={invite.inviteId} invite={invite} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function InviteLine({ invite }: { invite: Invite }) {
  const roleName = useRoleNames();
  const members = useView("team")?.members;
  const nameOf = (userId: string) =>
    members?.find((member) => member.userId === userId)?.name ?? shortName(userId);
  const revoke = useCommand("invite.revoke");
  const [asking, setAsking] = useState(false);
  const status = STATUS[invite.status];
  const roles = invite.roles.map((id) => isolated(roleName(id))).join(", ") || "No role";
  const name = invite.note ?? roles;
  return (
    <li className={styles.invite}>
      <div className={styles.words}>
        <b>
          <bdi>{name}</bdi>
        </b>
        <span className={styles.small}>
          {invite.note === undefined ? "" : `${roles} · `}by <bdi>{nameOf(invite.createdBy)}</bdi>,{" "}
          <At at={invite.createdAt} />
          {invite.status === "pending" ? (
            <>
              {" "}
              · until <At at={invite.expiresAt} />
            </>
          ) : null}
          {invite.acceptedBy ? ` · used by ${nameOf(invite.acceptedBy)}` : null}
        </span>
      </div>
      <Badge tone={status.tone}>{status.label}</Badge>
      {invite.status === "pending" ? (
        <Button size="small" onPress={() => setAsking(true)}>
          Take back
          <span className="visually-hidden">
            {" "}
            the invite for <bdi>{name}</bdi>
          </span>
        </Button>
      ) : null}
      <ConfirmDialog
        title="Take this invite back?"
        open={asking}
        action="Take back"
        busy={revoke.busy}
        failure={revoke.failure?.message}
        onConfirm={() =>
          void revoke.run({ inviteId: invite.inviteId }).then((outcome) => {
            if (!outcome.ok) return;
            say("The link no longer works.");
            setAsking(false);
          })
        }
        onClose={() => setAsking(false)}
      >
        <p>The link stops working at once. You can make a new one at any time.</p>
      </ConfirmDialog>
    </li>
  );
}
