import { requireAdmin } from "./authority.ts";
import { done } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/** Deletes files of a grant once they were read. Only such as the admin who asks has uploaded. */
export const accessClean: CommandImplementation<"access clean"> = {
  authorise: (situation) => requireAdmin(situation, "delete the files of a grant"),
  plan: ({ actor }, { media }) => done([{ do: "delete media", owner: actor, media }]),
  render: () => "The files are deleted.",
};
