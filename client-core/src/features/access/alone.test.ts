import { Policy } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { PolicyNow } from "../../org/policy.ts";
import { AnswersAlone } from "./alone.ts";
import { FakeRecords } from "./fakeDevice.ts";

const DAY = 86_400_000;
const policyOf = (window: string) =>
  Policy.schema.parse({ ...Policy.example, key_window: window, automatic_access: true });

async function opened(records: FakeRecords, policy: PolicyNow) {
  const alone = new AnswersAlone({ session: { records }, policy, onChange: () => {} });
  await alone.load();
  return alone;
}

test("[P6] a device answers by itself only once its admin has said so there", async () => {
  const alone = await opened(new FakeRecords(), () => policyOf("P14D"));
  expect(alone.window).toBeUndefined();
  expect(alone.narrow({ block: DAY, window: 14 * DAY }).window).toBe(0);
  await alone.switch("P14D");
  expect(alone.narrow({ block: DAY, window: 14 * DAY })).toEqual({ block: DAY, window: 14 * DAY });
});

test("[P6] a policy that says a longer window later gives no more; one that says a shorter gives less", async () => {
  const records = new FakeRecords();
  let policy = policyOf("P14D");
  await (await opened(records, () => policy)).switch("P14D");
  policy = policyOf("P60D");
  const restarted = await opened(records, () => policy);
  expect(restarted.view).toEqual({ allowed: true, window: "P14D", policyWindow: "P60D" });
  expect(restarted.narrow({ block: DAY, window: 60 * DAY }).window).toBe(14 * DAY);
  expect(restarted.narrow({ block: DAY, window: 2 * DAY }).window).toBe(2 * DAY);
  await restarted.switch(undefined);
  expect((await opened(records, () => policy)).window).toBeUndefined();
});

test("[P6] nobody agrees to a window that they have not seen", async () => {
  const alone = await opened(new FakeRecords(), () => policyOf("P60D"));
  await expect(alone.switch("P14D")).rejects.toMatchObject({ code: "conflict" });
  expect(alone.window).toBeUndefined();
  const unknown = await opened(new FakeRecords(), () => undefined);
  await expect(unknown.switch("P14D")).rejects.toMatchObject({ code: "conflict" });
});

test("[T6] with the role that is lost, a device answers by itself no more, without a restart", async () => {
  const alone = await opened(new FakeRecords(), () => policyOf("P14D"));
  await alone.switch("P14D");
  alone.roleLost();
  expect(alone.window).toBeUndefined();
  expect(alone.narrow({ block: DAY, window: 14 * DAY }).window).toBe(0);
});
