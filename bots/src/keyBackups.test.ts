import type { UserId } from "@hearth/protocol";
import { expect, test } from "vitest";
import { HomeserverError } from "./homeserver.ts";
import { createKeyBackupSweep } from "./keyBackups.ts";
import { createLog } from "./log.ts";
import { readOrgState } from "./org/state.ts";
import { admin, BOT, dispatcher, JOINED, NOW, orgEvents, responder } from "./testing/org.ts";

const HOUR = 60 * 60_000;

/** A sweep over a homeserver that only notes whose backups it was told to delete. */
function world() {
  const org = { now: readOrgState(orgEvents(), BOT) };
  const asked: UserId[] = [];
  const clock = { now: NOW };
  const answers: { fail?: HomeserverError } = {};
  const sweep = createKeyBackupSweep({
    homeserver: {
      userId: BOT,
      deleteKeyBackups(userId) {
        if (answers.fail) return Promise.reject(answers.fail);
        asked.push(userId);
        return Promise.resolve(false);
      },
    },
    readOrg: () => Promise.resolve(org.now),
    now: () => clock.now,
    log: createLog(
      () => {},
      () => clock.now,
    ),
  });
  const step = async () => {
    await sweep.step();
    return asked.splice(0);
  };
  return { org, clock, answers, sweep, step };
}

test("[P3] everybody without the role is looked at after a start, and then once an hour; admins never", async () => {
  const { clock, step } = world();
  expect(await step()).toEqual([dispatcher, responder]);
  expect(await step()).toEqual([]);
  clock.now += HOUR - 1;
  expect(await step()).toEqual([]);
  clock.now += 1;
  expect(await step()).toEqual([dispatcher, responder]);
});

test("[P3] who loses the role is looked at with the next step, and only they", async () => {
  const { org, sweep, step } = world();
  await step();
  const roles = [{ role: "admin", from: JOINED, to: NOW - 1 }];
  org.now = readOrgState(orgEvents({ [admin]: { roles } }), BOT);
  expect(await step()).toEqual([]);
  sweep.rolesMayHaveChanged();
  expect(await step()).toEqual([admin]);
});

test("an org whose state can't be read whole costs nobody a backup", async () => {
  const { org, sweep, step } = world();
  org.now = readOrgState(orgEvents({ [admin]: { roles: "nonsense" } }), BOT);
  expect(org.now.unreadable).not.toEqual([]);
  expect(await step()).toEqual([]);
  org.now = readOrgState(orgEvents(), BOT);
  sweep.rolesMayHaveChanged();
  expect(await step()).toEqual([dispatcher, responder]);
});

test("a server that can't answer now is asked again; a refusal keeps nobody else waiting", async () => {
  const { clock, answers, step } = world();
  answers.fail = new HomeserverError(502, "", "bad gateway");
  await expect(step()).rejects.toThrow("bad gateway");
  answers.fail = new HomeserverError(403, "M_FORBIDDEN", "no");
  expect(await step()).toEqual([]);
  delete answers.fail;
  expect(await step()).toEqual([]);
  clock.now += HOUR;
  expect(await step()).toEqual([dispatcher, responder]);
});
