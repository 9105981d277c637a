import { EventId, UserId, type HistoryItem } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { goingOf } from "./going.ts";

const PEOPLE = ["ann", "bob", "cleo"].map((name) => UserId.parse(`@${name}:hearth.localhost`));
const [ANN = PEOPLE[0]!, BOB = ANN] = PEOPLE;

const history = (...said: readonly (readonly [UserId, HistoryItem["what"]])[]) => ({
  history: said.map(([sender, what], i) => ({
    eventId: EventId.parse(`$${i}`),
    entryId: undefined,
    sender,
    serverTs: i,
    what,
  })),
});
const status = (value: "on_the_way" | "on_site" | "finished" | null) =>
  ({ kind: "status", status: value }) as const;

test("who goes is who said so last", () => {
  expect(
    goingOf(history([ANN, status("on_the_way")], [BOB, status("on_the_way")], [ANN, status("on_site")])),
  ).toEqual([
    { userId: ANN, status: "on_site" },
    { userId: BOB, status: "on_the_way" },
  ]);
});

test("nobody goes once it is over, begins again, or was refused, whatever was said before", () => {
  const what = fc.oneof(
    fc.constantFrom("on_the_way" as const, "on_site" as const, "finished" as const, null).map(status),
    fc.constant({ kind: "opened" } as const),
  );
  const said = fc.array(fc.tuple(fc.constantFrom(...PEOPLE), what));
  const ends = fc.constantFrom<HistoryItem["what"]>(
    status("finished"),
    status(null),
    { kind: "closed" } as HistoryItem["what"],
    { kind: "reopened" },
  );
  fc.assert(
    fc.property(said, fc.constantFrom(...PEOPLE), ends, (before, who, end) => {
      expect(goingOf(history(...before, [who, end]))).toEqual([]);
      const refused = { kind: "refused", type: "x", reason: "closed" } as const;
      expect(goingOf(history(...before, [who, refused]))).toEqual(goingOf(history(...before)));
    }),
  );
});
