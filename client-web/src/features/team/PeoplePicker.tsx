"use client";

import { isolated } from "@hearth/protocol";
import { useMemo, useState } from "react";
import { useView } from "../../client/port.tsx";
import { Avatar } from "../../ui/Avatar.tsx";
import { Badge } from "../../ui/Badge.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { SearchField } from "../../ui/SearchField.tsx";
import { Select } from "../../ui/Select.tsx";
import { pickable } from "./people.ts";
import { useRoleNames } from "./roles.ts";
import styles from "./PeoplePicker.module.css";

/** People of the team to be ticked: who is on duty stands first and is marked, who is not is marked too. */
export function PeoplePicker({
  chosen,
  onChange,
  without = [],
}: {
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  without?: readonly string[];
}) {
  const members = useView("team")?.members;
  const roles = useView("org")?.roles ?? [];
  const roleName = useRoleNames();
  const [search, setSearch] = useState("");
  const [role, setRole] = useState("any");
  const shown = useMemo(
    () => pickable(members ?? [], new Set(without), { search, role }),
    [members, without, search, role],
  );
  const all = shown.length > 0 && shown.every((member) => chosen.includes(member.userId));
  const toggle = (userId: string, on: boolean) =>
    onChange(on ? [...chosen, userId] : chosen.filter((other) => other !== userId));

  return (
    <div className={styles.picker}>
      <div className={styles.tools}>
        <SearchField label="Search people" value={search} onChange={setSearch} />
        <Select
          label="Role"
          labelHidden
          value={role}
          onChange={setRole}
          options={[
            { value: "any", label: "Any role" },
            ...roles.map(({ id, name }) => ({ value: id, label: name })),
          ]}
        />
      </div>
      {shown.length === 0 ? (
        <p className={styles.none}>Nobody here to add.</p>
      ) : (
        <>
          <div className={styles.all}>
            <Checkbox
              checked={all}
              onChange={(on) => {
                const ids = shown.map((member) => member.userId);
                onChange(on ? [...new Set([...chosen, ...ids])] : chosen.filter((id) => !ids.includes(id)));
              }}
            >
              Select all ({shown.length})
            </Checkbox>
            <span className={styles.count}>{chosen.length} chosen</span>
          </div>
          <ul className={styles.list} aria-label="People">
            {shown.map((member) => (
              <li key={member.userId}>
                <Checkbox
                  checked={chosen.includes(member.userId)}
                  onChange={(on) => toggle(member.userId, on)}
                >
                  <span className={styles.person}>
                    <Avatar name={member.name} colour={member.colour} size={32} />
                    <span className={styles.words}>
                      <span>
                        <bdi>{member.name}</bdi>
                      </span>
                      <span className={styles.roles}>
                        {member.roles.map((id) => isolated(roleName(id))).join(", ") || "No role"}
                      </span>
                    </span>
                    {member.onDuty ? <Badge tone="ok">On duty</Badge> : <Badge>Off duty</Badge>}
                    {member.identity === "changed" ? <Badge tone="warn">Identity changed</Badge> : null}
                  </span>
                </Checkbox>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
