import { belowFloors, Policy, PolicyContent } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";
import { policyShow } from "./policyShow.ts";
import { sentences } from "./sentences.ts";

export const policySet: CommandImplementation<"policy set"> = {
  plan({ org, shortTimes }, changes) {
    if (!org.policy)
      return refuse(
        "not_found",
        "The organisation has no policy that can be read. Restart the bots to repair it.",
      );
    if (Object.keys(changes).length === 0)
      return refuse("bad_arguments", "Say what to change, for example retention=P60D.");
    // Only what is asked for now: an org that came by such a policy can still change the rest of it.
    const tooShort = shortTimes ? [] : belowFloors(changes);
    if (tooShort.length > 0)
      return refuse(
        "bad_arguments",
        `Nothing was changed: ${tooShort.join(" ")} To try Hearth out with shorter times, and without real people, whoever hosts it can start the bots with HEARTH_SHORT_TIMES=1.`,
      );
    const parsed = PolicyContent.safeParse({ ...org.policy, ...changes });
    if (!parsed.success) return refuse("bad_arguments", `Nothing was changed: ${sentences(parsed.error)}`);
    return done([{ do: "org state", type: Policy.type, key: "", content: parsed.data }], parsed.data);
  },
  render: (data, args) => `The policy is now:\n${policyShow.render(data, args as Record<string, never>)}`,
};
