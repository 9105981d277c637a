import { z } from "zod";
import { bytesOf, MAX_FOLDED_BYTES } from "../bytes.ts";
import { defineRequestEntry } from "../defineRequestEntry.ts";
import { invalid } from "../refusal.ts";

const TOO_LONG = "The outcome is too long. Shorten it; details can go into the request's chat.";
const MAX_OUTCOME = 5000;

type Outcome = { readonly outcome?: string | undefined };
const said = ({ outcome }: Outcome) => (outcome === undefined ? {} : { outcome });

/** A request ends, with what came of it if the closer says so. */
export const Closed = defineRequestEntry({
  type: "org.hearth.request.closed",
  since: 1,
  permission: "close_requests",
  payload: { outcome: z.string().max(MAX_OUTCOME).optional() },
  example: {
    v: 1,
    id: "AAAAAAAAAAAAAAAAAAAAAD",
    device: "EXAMPLE",
    seq: 4,
    at: 1767225780000,
    heads: [],
    outcome: "Example: taken home",
  },
  when: "open",
  apply: (_, content, by) => ({ closed: { by, at: content.at, ...said(content) } }),
  says: () => ["outcome"],
  describe: (payload): { readonly outcome?: string } => said(payload),
  words: {
    label: "Closed",
    waiting: () => "Closing of a request",
    history: ({ outcome }) =>
      outcome === undefined ? "closed the request" : `closed the request: ${outcome}`,
  },
  ask: {
    kind: "close",
    givenBy: "deed",
    notPermitted: "You can't close requests. Ask a dispatcher.",
    make({ outcome }: { readonly outcome?: string }, { folded }) {
      const trimmed = outcome?.trim();
      if (!trimmed) return {};
      const fits = trimmed.length <= MAX_OUTCOME && bytesOf(trimmed) <= MAX_FOLDED_BYTES - bytesOf(folded);
      return fits ? { outcome: trimmed } : invalid(TOO_LONG);
    },
    invalid: TOO_LONG,
  },
});
