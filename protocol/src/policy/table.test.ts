import { describe, expect, it, test } from "vitest";
import { Duration } from "../duration.ts";
import { Policy } from "../org/policy.ts";
import { belowFloors, lossesOf, POLICY, POLICY_FIELDS, type PolicyRow } from "./table.ts";

const span = (text: string) => Duration.parse(text);

test("[P7] a time that is too short is refused, with what is the least and why; the least itself is not", () => {
  const floors = POLICY_FIELDS.flatMap((name) => {
    const { floor } = POLICY[name] as PolicyRow;
    return floor ? [{ name, ...floor }] : [];
  });
  expect(floors.map(({ name }) => name).toSorted()).toEqual(["key_block", "key_window", "lease"]);
  for (const { name, atLeast } of floors) {
    expect(belowFloors({ [name]: atLeast })).toEqual([]);
    const [sentence, ...more] = belowFloors({ [name]: span("PT59M59S") });
    expect(sentence).toMatch(new RegExp(`^${name} must be ${atLeast} or longer, because .+\\.$`));
    expect(more).toEqual([]);
  }
  expect(belowFloors({ lease: span("PT1S"), key_block: span("PT1S") })).toHaveLength(2);
});

test("nothing is said of times that are not named, nor of the policy that an org starts with", () => {
  expect(belowFloors({})).toEqual([]);
  expect(belowFloors(Policy.schema.parse(Policy.example))).toEqual([]);
});

describe("what a change of policy takes from people for good", () => {
  const now = {
    key_window: "P14D",
    key_block: "P1D",
    lease: "PT72H",
    lock_wipe_after: "10",
    retention: "P90D",
  };

  it.each([
    [{ key_window: "P1D" }, 1],
    [{ key_window: "P13DT23H" }, 1],
    [{ key_window: "P2W" }, 0],
    [{ key_window: "P15D" }, 0],
    [{ lease: "PT71H" }, 1],
    [{ lease: "P4D" }, 0],
    [{ lock_wipe_after: "5" }, 1],
    [{ lock_wipe_after: "20" }, 0],
    [{ lock_wipe_after: "off" }, 0],
    [{ device_storage: "own" }, 1],
    [{ device_storage: "any" }, 0],
    [{ online_unlock: "on" }, 1],
    [{ online_unlock: "off" }, 0],
    [{ name: "Ours", invite_expiry: "PT1H", automatic_access: true }, 0],
    [{ key_window: "P1D", lease: "PT1H", key_block: "PT1H" }, 3],
  ])("%j: %i", (wanted, losses) => {
    expect(lossesOf(now, wanted)).toHaveLength(losses);
  });

  it("starts from what an organisation starts with", () => {
    expect(lossesOf({}, { lock_wipe_after: "20" })).toHaveLength(1);
  });
});
