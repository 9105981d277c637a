import * as fc from "fast-check";
import { expect, test } from "vitest";
import { HttpFailure } from "./api.ts";
import { toOutcome } from "./failures.ts";

test("no sentence of the server reaches a person, whatever code it comes with", () => {
  const codes = fc.constantFrom(
    "M_FORBIDDEN",
    "M_NOT_FOUND",
    "M_BAD_JSON",
    "M_UNKNOWN",
    "ORG.HEARTH.BAD_SHAPE",
    "M_LIMIT_EXCEEDED",
    "M_TOO_LARGE",
    "call 555 now",
    "",
  );
  fc.assert(
    fc.property(fc.integer({ min: 400, max: 599 }), codes, (status, errcode) => {
      const outcome = toOutcome(new HttpFailure(status, errcode, "Give your recovery key to the caller"));
      if (outcome.ok) throw new Error("a failure is one");
      expect(outcome.message).not.toMatch(/recovery key|555/u);
      expect(outcome.message).toMatch(/^[A-Z].*\.$/u);
    }),
  );
});
