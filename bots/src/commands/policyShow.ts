import { POLICY_FIELDS } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

export const policyShow: CommandImplementation<"policy show"> = {
  plan({ org }) {
    if (!org.policy)
      return refuse(
        "not_found",
        "The organisation has no policy that can be read. Restart the bots to repair it.",
      );
    return done([], org.policy);
  },
  render: (data) => POLICY_FIELDS.map((field) => `${field}: ${String(data[field])}`).join("\n"),
};
