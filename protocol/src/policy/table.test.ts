import { expect, test } from "vitest";
import { Duration } from "../duration.ts";
import { Policy } from "../org/policy.ts";
import { belowFloors, POLICY, POLICY_FIELDS, type PolicyRow } from "./table.ts";

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
