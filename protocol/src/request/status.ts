import { z } from "zod";

/** Set by hand by people who may contribute. */
export const HAND_STATUSES = ["on_the_way", "on_site", "finished"] as const;
export const HandStatus = z.enum(HAND_STATUSES);
export type HandStatus = z.infer<typeof HandStatus>;

/**
 * What is shown. `unassigned` is computed (nobody has set anything yet; positions will refine it), `closed` is
 * set by people who may close.
 */
export type RequestStatus = "unassigned" | HandStatus | "closed";

export const STATUS_LABELS: Readonly<Record<RequestStatus, string>> = {
  unassigned: "Unassigned",
  on_the_way: "On the way",
  on_site: "On site",
  finished: "Finished",
  closed: "Closed",
};
