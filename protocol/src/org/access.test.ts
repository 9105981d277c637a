import { expect, test } from "vitest";
import { RoleId, type Instant, type UserId } from "../ids.ts";
import { PERMISSIONS, PERMISSION_GROUPS, permissionsOf } from "../permissions.ts";
import { isAdminAt, isMemberAt, permissionsAt, type AccessState } from "./access.ts";
import { MemberContent, rolesAt } from "./member.ts";
import { DEFAULT_ROLES, RoleContent } from "./role.ts";

const sam = "@sam:x" as UserId;
const role = (groups: string[], more: object = {}) =>
  RoleContent.parse({ v: 1, name: "Role", versions: [{ from: 0, groups }], ...more });
const member = (roles: object[], more: object = {}) =>
  MemberContent.parse({ v: 1, joined_at: 100, roles, ...more });
const state = (
  roles: Record<string, RoleContent>,
  who: MemberContent = member([{ role: "dispatcher", from: 200, to: 300 }]),
): AccessState => ({ roles: new Map(Object.entries(roles)), members: new Map([["sam:x", who]]) });

const roles = {
  anyone: role(["invite_to_channels"]),
  dispatcher: role(["manage_requests"]),
  admin: role([], { versions: [{ from: 0, groups: [], everything: true }] }),
};
const may = (access: AccessState, at: number) => [...permissionsAt(access, sam, at)].toSorted();

test("[A1] Anyone's permissions are every member's, and a role adds its own", () => {
  expect(may(state(roles), 150)).toEqual(["invite_to_channels"]);
  expect(may(state(roles), 250)).toEqual(
    ["administer_requests", "close_requests", "edit_request_data", "invite_to_channels"].toSorted(),
  );
});

test("[A1] a group of a later version gives nothing here, and takes nothing from the rest of its role", () => {
  const later = { ...roles, dispatcher: role(["steer_drones", "constructor", "manage_requests"]) };
  expect(may(state(later), 250)).toEqual(may(state(roles), 250));
});

test("[A1] Admin gives everything", () => {
  const access = state(roles, member([{ role: "admin", from: 200 }]));
  expect(may(access, 250)).toEqual([...PERMISSIONS].toSorted());
  expect([isAdminAt(access, sam, 199), isAdminAt(access, sam, 200)]).toEqual([false, true]);
});

test("[A2] a role counts from when it was given until it was taken", () => {
  const can = (at: number) => permissionsAt(state(roles), sam, at).has("close_requests");
  expect([199, 200, 299, 300].map(can)).toEqual([false, true, true, false]);
  const again = member([
    { role: "dispatcher", from: 200, to: 300 },
    { role: "dispatcher", from: 400 },
  ]);
  expect([250, 350, 450].map((at) => rolesAt(again, at))).toEqual([["dispatcher"], [], ["dispatcher"]]);
});

test("[A2] a role gives what it gave at that time", () => {
  const versions = [
    { from: 0, groups: ["contribute_to_requests"] },
    { from: 250, groups: ["close_requests"] },
  ];
  const access = state({ dispatcher: role([], { versions }) });
  expect([may(access, 249), may(access, 250)]).toEqual([["edit_request_data"], ["close_requests"]]);
});

test("[A3] nothing before joining, after leaving, for strangers and by deleted or unknown roles", () => {
  const held = [{ role: "dispatcher", from: 0 }];
  const left = state(roles, member(held, { left_at: 400 }));
  expect([99, 100, 399, 400].map((at) => may(left, at).length > 0)).toEqual([false, true, true, false]);
  expect([99, 100, 399, 400].map((at) => isMemberAt(left, sam, at))).toEqual([false, true, true, false]);
  expect(isAdminAt(state(roles, member([{ role: "admin", from: 0 }], { left_at: 400 })), sam, 500)).toBe(
    false,
  );
  expect([...permissionsAt(left, "@other:x" as UserId, 200)]).toEqual([]);
  const deleted = state({ dispatcher: role(["close_requests"], { deleted_at: 250 }) });
  expect([may(deleted, 249), may(deleted, 250)]).toEqual([["close_requests"], []]);
  expect(may(state({}, member(held)), 200)).toEqual([]);
});

test("[A1] the groups give all permissions, and the default roles are valid", () => {
  expect(permissionsOf(Object.keys(PERMISSION_GROUPS) as (keyof typeof PERMISSION_GROUPS)[])).toEqual(
    new Set(PERMISSIONS),
  );
  expect([PERMISSIONS.length, Object.keys(PERMISSION_GROUPS).length]).toEqual([18, 12]);
  for (const [id, { name, groups, everything }] of Object.entries(DEFAULT_ROLES)) {
    expect(RoleId.safeParse(id).success).toBe(true);
    const versions = [{ from: 0 as Instant, groups, ...(everything && { everything }) }];
    expect(RoleContent.safeParse({ v: 1, name, versions }).success).toBe(true);
  }
});
