"use client";

import type { MemberRow, OrgView } from "@hearth/client-core/contract.ts";
import { PERMISSION_GROUPS, knownGroups, isolated } from "@hearth/protocol";
import { useState } from "react";
import { useRun, useView } from "../../client/port.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Dialog, DialogActions, DialogBody } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./Team.module.css";

type Role = OrgView["roles"][number];

/** Which roles somebody has. Each change is a command of its own; those that failed stay ticked and are named. */
export function RolesDialog({ member, onClose }: { member: MemberRow; onClose: () => void }) {
  const roles = (useView("org")?.roles ?? []).filter((role) => role.id !== "anyone");
  const run = useRun();
  const [wanted, setWanted] = useState<readonly string[]>(member.roles);
  const [busy, setBusy] = useState(false);
  const [failures, setFailures] = useState<string[]>([]);
  const granted = wanted.filter((role) => !member.roles.includes(role));
  const revoked = member.roles.filter((role) => !wanted.includes(role));

  const save = async () => {
    setBusy(true);
    const failed: string[] = [];
    const nameOf = (id: string) => isolated(roles.find((role) => role.id === id)?.name ?? id);
    for (const role of granted) {
      const outcome = await run("role.grant", { userId: member.userId, role });
      if (!outcome.ok) failed.push(`${nameOf(role)}: ${outcome.message}`);
    }
    for (const role of revoked) {
      const outcome = await run("role.revoke", { userId: member.userId, role });
      if (!outcome.ok) failed.push(`${nameOf(role)}: ${outcome.message}`);
    }
    setBusy(false);
    setFailures(failed);
    if (failed.length > 0) return;
    say(`${member.name}’s roles are saved.`);
    onClose();
  };

  return (
    <Dialog title={`Roles of ${member.name}`} open onClose={onClose}>
      <DialogBody>
        <div className={styles.roles}>
          {roles.map((role) => (
            <Checkbox
              key={role.id}
              checked={wanted.includes(role.id)}
              onChange={(on) =>
                setWanted(on ? [...wanted, role.id] : wanted.filter((other) => other !== role.id))
              }
              hint={whatItGives(role)}
            >
              <bdi>{role.name}</bdi>
            </Checkbox>
          ))}
        </div>
        {failures.length > 0 ? (
          <Banner tone="danger">
            {failures.map((failure) => (
              <span key={failure}>{failure}</span>
            ))}
          </Banner>
        ) : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button
          kind="primary"
          busy={busy}
          disabled={granted.length + revoked.length === 0}
          onPress={() => void save()}
        >
          Save roles
        </Button>
      </DialogActions>
    </Dialog>
  );
}

export function whatItGives(role: Role): string {
  if (role.everything) return "May do everything, and reads every request.";
  const labels = role.groups.map((group) => {
    const [known] = knownGroups([group]);
    return known ? PERMISSION_GROUPS[known].label : `“${group}” (this version doesn’t know it: reload)`;
  });
  if (labels.length === 0) return "Gives no permission by itself.";
  return role.inEveryRequest ? `${labels.join(", ")}; reads every request` : labels.join(", ");
}
