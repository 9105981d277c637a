import type { AccessAsk, OwnAccess } from "@hearth/client-core/contract.ts";
import { count } from "../../ui/count.ts";

type Delivery = AccessAsk["devices"][number];

/** How far a grant is that still comes in. */
export function comingWords({ problem, progress }: Pick<OwnAccess, "problem" | "progress">): string {
  const { done, of } = progress ?? { done: 0, of: 0 };
  return problem ?? `Keys are coming: ${done} of ${count(of, "file")}.`;
}

/** For who asked, where a yes brought nothing that was not here; undefined where it brought something. */
export function nothingCame({ keys, problem }: Pick<OwnAccess, "keys" | "problem">): string | undefined {
  if (keys !== 0) return undefined;
  return problem ?? "There was no key that this device did not have already.";
}

/** For admins, where somebody said yes whose device had none of the keys; undefined where it had some, or nobody did. */
export function nothingGiven({
  state,
  keys,
  name,
  byName,
}: Pick<AccessAsk, "state" | "keys" | "name" | "byName">): string | undefined {
  if (state !== "given" || keys !== 0) return undefined;
  const whose = byName === undefined ? "The device that answered" : `${byName}’s device`;
  return `${whose} had none of these keys, so nothing was given. Another admin’s device may have them: ${name} can ask again.`;
}

const STATES: Record<Delivery["state"], string> = {
  sent: "sent, not fetched yet",
  imported: "arrived",
  failed: "failed",
  ended: "deleted again",
};

/** How a grant stands on one device of who asked. */
export function deliveryWords({ deviceId, state, taken }: Delivery): string {
  return `${deviceId}: ${state === "imported" && taken === 0 ? "arrived, nothing new in it" : STATES[state]}`;
}
