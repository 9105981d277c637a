import { toMs, type Duration } from "../duration.ts";
import type { PolicyContent } from "./policy.ts";

type Floor = { readonly atLeast: Duration; readonly because: string };

const floor = (atLeast: string, because: string): Floor => ({ atLeast: atLeast as Duration, because });

/**
 * The shortest times that a policy may name where people depend on it. What is shorter is a slip (`PT1S` for `P1D`), and
 * could not be taken back: by the time it is noticed, every device has destroyed its keys.
 */
export const POLICY_FLOORS = {
  lease: floor(
    "PT1H",
    "a device without contact for that long destroys its keys, and a cellar or an empty battery would be enough",
  ),
  key_window: floor(
    "P1D",
    "what is older becomes unreadable on responders’ devices, and can’t be brought back",
  ),
  key_block: floor("PT1H", "with each block every device makes new keys and moves all that it keeps"),
} as const satisfies Partial<Record<keyof PolicyContent, Floor>>;

/** @returns a sentence for each of these times that is too short; none for what is not named */
export function belowFloors(changes: {
  readonly [Name in keyof typeof POLICY_FLOORS]?: Duration | undefined;
}): string[] {
  return Object.entries(POLICY_FLOORS).flatMap(([name, { atLeast, because }]) => {
    const wanted = changes[name as keyof typeof POLICY_FLOORS];
    if (wanted === undefined || toMs(wanted) >= toMs(atLeast)) return [];
    return [`${name} must be ${atLeast} or longer, because ${because}.`];
  });
}
