"use client";

import type { MemberRow } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { handle } from "@hearth/protocol";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { At } from "../../ui/Time.tsx";
import { say } from "../../ui/Toasts.tsx";
import { VerifyMember } from "../verification/VerifyMember.tsx";
import { NotOnRoster, Unsigned } from "./OnRoster.tsx";
import { RolesDialog } from "./RolesDialog.tsx";
import { useRoleNames } from "./roles.ts";
import { WipeDialog } from "./WipeDialog.tsx";
import styles from "./Team.module.css";

export function MemberCard({ member }: { member: MemberRow }) {
  const permissions = useView("session")?.permissions ?? [];
  const mayWipe = (useView("session")?.isAdmin ?? false) && !member.former;
  const me = useView("session")?.userId;
  const roleName = useRoleNames();
  const [dialog, setDialog] = useState<"roles" | "remove" | "wipe">();
  const remove = useCommand("member.remove");
  const mayRoles = !member.former && permissions.includes("assign_roles");
  const mayRemove = !member.former && !member.isMe && permissions.includes("remove_from_org");
  const mayVerify =
    !member.former && !member.isMe && (member.identity === "fine" || member.identity === "changed");
  const facts = (
    [
      ["Phone", member.phone, "ltr"],
      ["E-mail", member.email, "ltr"],
      ["About", member.bio, "auto"],
    ] as const
  ).filter(([, value]) => value);

  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <Avatar name={member.name} colour={member.colour} size={42} />
        <div className={styles.names}>
          <span>
            <b>
              <bdi>{member.name}</bdi>
            </b>
            {member.isMe ? " (you)" : ""}
            {member.pronouns ? (
              <span className={styles.small}>
                {" "}
                <bdi>{member.pronouns}</bdi>
              </span>
            ) : null}
          </span>
          <span className={styles.small}>{handle(member.userId, me)}</span>
        </div>
        <div className={styles.badges}>
          {member.roles.map((role) => (
            <Badge key={role}>
              <bdi>{roleName(role)}</bdi>
            </Badge>
          ))}
          {member.former ? (
            <Badge>Former member</Badge>
          ) : member.onDuty ? (
            <Badge tone="ok">
              On duty
              {member.dutySince === undefined ? null : (
                <>
                  {" "}
                  since <At at={member.dutySince} />
                </>
              )}
            </Badge>
          ) : (
            <Badge>Off duty</Badge>
          )}
          {member.incomplete && !member.former ? (
            <Badge tone="warn">Written by a newer version of Hearth, not shown in full</Badge>
          ) : null}
          {member.cannotForget && !member.former ? (
            <Badge tone="warn">
              {member.cannotForget === 1
                ? "A device that can’t forget for sure"
                : `${member.cannotForget} devices that can’t forget for sure`}
            </Badge>
          ) : null}
          {member.identity === "verified" && !member.former ? <Badge tone="ok">Verified by you</Badge> : null}
        </div>
        {mayVerify || mayRoles || mayRemove || mayWipe ? (
          <div className={styles.actions}>
            {mayVerify ? <VerifyMember userId={member.userId} name={member.name} /> : null}
            {mayRoles ? (
              <Button size="small" onPress={() => setDialog("roles")}>
                Roles
                <span className="visually-hidden">
                  {" "}
                  of <bdi>{member.name}</bdi>
                </span>
              </Button>
            ) : null}
            {mayWipe ? (
              <Button size="small" kind="quiet" onPress={() => setDialog("wipe")}>
                Wipe devices
                <span className="visually-hidden">
                  {" "}
                  of <bdi>{member.name}</bdi>
                </span>
              </Button>
            ) : null}
            {mayRemove ? (
              <Button size="small" kind="quiet" onPress={() => setDialog("remove")}>
                Remove
                <span className="visually-hidden">
                  {" "}
                  <bdi>{member.name}</bdi>
                </span>
              </Button>
            ) : null}
          </div>
        ) : null}
      </div>
      {facts.length > 0 ? (
        <dl className={styles.facts}>
          {facts.map(([name, value, dir]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi dir={dir}>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {member.identity === "changed" && member.roster === "listed" && !member.former && !member.isMe ? (
        <ChangedIdentity member={member} />
      ) : (
        <NotOnRoster member={member} />
      )}
      <Unsigned member={member} />
      {dialog === "roles" ? <RolesDialog member={member} onClose={() => setDialog(undefined)} /> : null}
      {dialog === "wipe" ? <WipeDialog member={member} onClose={() => setDialog(undefined)} /> : null}
      <ConfirmDialog
        title={`Remove ${member.name} from the team?`}
        open={dialog === "remove"}
        action="Remove"
        busy={remove.busy}
        failure={remove.failure?.message}
        onConfirm={() =>
          void remove.run({ userId: member.userId }).then((outcome) => {
            if (!outcome.ok) return;
            say(`${member.name} is no longer in the team.`);
            setDialog(undefined);
          })
        }
        onClose={() => setDialog(undefined)}
      >
        <p>
          They leave every request and get nothing new. What they could read until now may still be on their
          devices{mayWipe ? ": to take that away too, cancel, and wipe their devices first" : ""}.
        </p>
      </ConfirmDialog>
    </div>
  );
}

/**
 * Somebody whom this person had verified has other keys, which an admin has signed. Who compared before compares again:
 * only a person can tell.
 */
function ChangedIdentity({ member }: { member: MemberRow }) {
  const [asking, setAsking] = useState(false);
  const accept = useCommand("member.acceptIdentity");
  return (
    <>
      <Banner tone="warn" live={false}>
        <span>
          <b>
            <bdi>{member.name}</bdi>’s security identity changed.
          </b>{" "}
          They get none of your messages until you have looked at it. Usually they lost their recovery key and
          started over; it could also be somebody else who got into their account.
        </span>
        <Button size="small" onPress={() => setAsking(true)}>
          I want to look at it
        </Button>
      </Banner>
      <ConfirmDialog
        title={`Is this still ${member.name}?`}
        open={asking}
        action={`Yes, it is ${member.name}`}
        kind="primary"
        busy={accept.busy}
        failure={accept.failure?.message}
        onConfirm={() =>
          void accept.run({ userId: member.userId }).then((outcome) => {
            if (!outcome.ok) return;
            say(`${member.name} gets your messages again.`);
            setAsking(false);
          })
        }
        onClose={() => setAsking(false)}
      >
        <p>
          Call <bdi>{member.name}</bdi> or meet them, and ask: did you start over with a new recovery key? Do
          not ask in writing: whoever has the account would answer.
        </p>
        <p>
          If they did, say so here. If they did not, or you can’t reach them, cancel and tell an admin at
          once.
        </p>
      </ConfirmDialog>
    </>
  );
}
