import fc from "fast-check";
import { expect, test } from "vitest";
import { EventId, LogEntryId, UserId } from "../ids.ts";
import { Edited } from "./events/edited.ts";
import { Opened } from "./events/opened.ts";
import { followFields } from "./fieldChanges.ts";

const ADA = UserId.parse("@ada:x.test");
const BEN = UserId.parse("@ben:x.test");
const id = (n: number) => LogEntryId.parse(String(n).padStart(21, "A") + "A");
const event = (n: number) => EventId.parse(`$${n}`);

const opened = {
  eventId: event(0),
  sender: ADA,
  type: Opened.type,
  content: { ...Opened.example, id: id(0), fields: { description: "Example", location: "by the bus depot" } },
};
const edit = (n: number, sender: UserId, changes: object, seen?: Record<string, LogEntryId | null>) => ({
  eventId: event(n),
  sender,
  type: Edited.type,
  content: { ...Edited.example, id: id(n), changes, ...(seen ? { seen } : {}) },
});

test("an edit is told from what to what, as far as that can be read", () => {
  const first = edit(
    1,
    BEN,
    { location: "north stairs", caller_name: "Example" },
    { location: id(0), caller_name: null },
  );
  const { changes, setBy } = followFields([opened, first]);
  expect(changes.get(event(1))).toEqual([
    { field: "location", from: "by the bus depot", to: "north stairs" },
    { field: "caller_name", to: "Example" },
  ]);
  expect(setBy).toEqual({ description: id(0), location: id(1), caller_name: id(1) });
  // Without the opening, nobody knows what it was.
  expect(followFields([first]).changes.get(event(1))?.[0]).toEqual({ field: "location", to: "north stairs" });
});

test("an edit that replaces what its writer had not seen is marked, whoever wrote which first", () => {
  const warning = edit(1, ADA, { description: "Do not approach: weapon seen" }, { description: id(0) });
  const late = edit(2, BEN, { description: "Somebody needs a ride" }, { description: id(0) });
  expect(followFields([opened, warning, late]).changes.get(event(2))).toEqual([
    {
      field: "description",
      from: "Do not approach: weapon seen",
      to: "Somebody needs a ride",
      unseen: event(1),
    },
  ]);
  // Who had seen it, replaces one's own, says nothing of it, or names what can't be read here, is not blamed.
  for (const seen of [{ description: id(1) }, undefined, { description: id(9) }])
    expect(
      followFields([opened, warning, edit(2, BEN, { description: "x" }, seen)]).changes.get(event(2))?.[0]
        ?.unseen,
    ).toBeUndefined();
  const own = edit(2, ADA, { description: "x" }, { description: id(0) });
  expect(followFields([opened, warning, own]).changes.get(event(2))?.[0]?.unseen).toBeUndefined();
});

test("each edit of a field is marked exactly when a change by somebody else lies between it and what its writer saw", () => {
  const writes = fc.array(fc.record({ ada: fc.boolean(), back: fc.nat({ max: 4 }) }), { maxLength: 12 });
  fc.assert(
    fc.property(writes, (all) => {
      const log = [
        opened,
        ...all.map(({ ada, back }, i) =>
          edit(i + 1, ada ? ADA : BEN, { location: `${i}` }, { location: id(Math.max(0, i - back)) }),
        ),
      ];
      const { changes } = followFields(log);
      for (const [i, { ada, back }] of all.entries()) {
        const previous = i === 0 ? ADA : all[i - 1]?.ada ? ADA : BEN;
        const isUnseen = Math.max(0, i - back) < i && previous !== (ada ? ADA : BEN);
        expect(changes.get(event(i + 1))?.[0]?.unseen !== undefined).toBe(isUnseen);
      }
    }),
  );
});
