import { z } from "zod";
import { EventId } from "../../ids.ts";
import { bytesOf, MAX_FOLDED_BYTES } from "../bytes.ts";
import { defineRequestEntry } from "../defineRequestEntry.ts";
import { FoldedRequest } from "../folded.ts";
import { invalid } from "../refusal.ts";

const NOT_YET = "This request can't be summed up for others yet. Try again when it has loaded.";

/** How many devices one summary names. */
export const MOST_NAMED = 20;

/**
 * The folded state as one event: who can't read the older entries starts from here, who can compares.
 * `chain` is the hash chain over all entries folded, up to and with `up_to`.
 */
export const Snapshot = defineRequestEntry({
  type: "org.hearth.request.snapshot",
  since: 1,
  permission: "edit_request_data",
  payload: {
    /** The version of the rules that folded it; left out by the first. */
    rules: z.int().min(1).optional(),
    up_to: EventId,
    /** The devices that it was written for, where it was for new ones: others need not write it once more. */
    for: z.array(z.string().max(400)).max(MOST_NAMED).optional(),
    chain: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
    state: FoldedRequest,
  },
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAF",
    device: "EXAMPLE",
    seq: 6,
    at: 1767225900000,
    heads: [],
    up_to: "$example",
    chain: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
    state: {
      display_id: "0101-K7Q",
      opened_by: "@example:hearth.localhost",
      opened_at: 1767225600000,
      fields: { description: "Example: somebody needs a ride home" },
      hand_status: null,
      closed: null,
      heads: ["AAAAAAAAAAAAAAAAAAAAAA"],
      counters: { "@example:hearth.localhost|EXAMPLE": 1 },
      count: 1,
    },
  },
  when: "ever",
  apply: undefined,
  says: () => [],
  describe: () => ({}),
  words: {
    label: "Summary",
    waiting: () => "Summary for people who came later",
    history: () => "wrote a summary for people or devices that came later",
  },
  ask: {
    kind: "snapshot",
    givenBy: "deed",
    notPermitted: "You can't write a summary of this request. Ask a dispatcher.",
    make(_: object, { folded, lastEventId, chain, leftOut, metNewer, foldedBy }) {
      if (metNewer)
        return invalid(
          "Somebody wrote in this request with a newer version of Hearth, so this one can't sum it up.",
        );
      // What an entry said that was taken away since, in place of something past: nobody here knows what it is now.
      if (leftOut.size > 0 || lastEventId === undefined) return invalid(NOT_YET);
      const payload = {
        ...(foldedBy > 1 ? { rules: foldedBy } : {}),
        up_to: lastEventId,
        chain,
        state: folded,
      };
      if (bytesOf(payload) > MAX_FOLDED_BYTES + 1000)
        return invalid("This request has grown too long to pass on. Shorten its description.");
      return payload;
    },
    invalid: NOT_YET,
  },
});
