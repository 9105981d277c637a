import { expect, test } from "vitest";
import type { UserId } from "../ids.ts";
import type { AccessState } from "./access.ts";
import { hasKeyBackupAt } from "./keyBackup.ts";
import { MemberContent } from "./member.ts";
import { DEFAULT_ROLES, RoleContent } from "./role.ts";

const sam = "@sam:x" as UserId;
const roles = new Map(
  Object.entries(DEFAULT_ROLES).map(([id, { name, groups, everything }]) => [
    id,
    RoleContent.parse({ v: 1, name, versions: [{ from: 0, groups, ...(everything && { everything }) }] }),
  ]),
);
const has = (role: string, at: number, more: object = {}) => {
  const member = MemberContent.parse({
    v: 1,
    joined_at: 100,
    roles: [{ role, from: 200, to: 300 }],
    ...more,
  });
  const state: AccessState = { roles, members: new Map([["sam:x", member]]) };
  return hasKeyBackupAt(state, sam, at);
};

test("[P3] admins and exporters have a key backup for as long as they have the role; others never do", () => {
  for (const role of ["admin", "exporter"])
    expect([199, 200, 299, 300].map((at) => has(role, at))).toEqual([false, true, true, false]);
  for (const role of ["dispatcher", "responder", "anyone", "unheard-of"]) expect(has(role, 250)).toBe(false);
});

test("[P3] who has left has none, whatever role they had", () => {
  expect(has("admin", 250, { left_at: 240 })).toBe(false);
  expect(hasKeyBackupAt({ roles, members: new Map() }, sam, 250)).toBe(false);
});
