import { isMemberAt, Result } from "@hearth/protocol";
import type { RawEvent } from "./homeserver.ts";
import type { OrgState } from "./org/state.ts";
import type { RoomView } from "./rooms/view.ts";

/** Nobody guesses 256 bits; who tries this often is a broken client or does not know when to stop. */
export const MOST_WRONG_SECRETS = 5;

/**
 * Whether an onboarding room has served its purpose.
 * @param answers the bot's answers in it
 * @returns why it is closed, for the log; undefined while it is needed
 */
export function whyClose(
  room: RoomView,
  org: OrgState,
  answers: readonly RawEvent[],
  at: number,
): string | undefined {
  const newcomer = room.creator;
  if (isMemberAt(org, newcomer, at) && org.arrived.has(newcomer)) return "the newcomer has arrived";
  if (room.memberships.get(newcomer) !== "join") return "the newcomer has left it";
  const wrong = answers.filter((event) => {
    const parsed = Result.schema.safeParse(event.content);
    return parsed.success && !parsed.data.ok && parsed.data.code === "wrong_secret";
  });
  return wrong.length >= MOST_WRONG_SECRETS ? "too many wrong secrets" : undefined;
}
