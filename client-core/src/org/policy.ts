import { Policy, type EventId, type PolicyContent, type UserId } from "@hearth/protocol";
import type { RoomState } from "../rooms/roomState.ts";
import { ParsedState } from "./parsedState.ts";

/** What the organisation has decided, as this device goes by it. */
export type KnownPolicy = {
  readonly content: PolicyContent;
  /** What says it: another one for each change, also for one that changes it back. */
  readonly event: EventId;
};

/** The policy as it is now; undefined while none is known. */
export type PolicyNow = () => PolicyContent | undefined;

export const POLICY = new ParsedState(Policy, (event, bot) => event.sender === bot);

/**
 * The one place that takes the policy from somewhere: from the organisation's state, until it is signed. Everybody else
 * reads it from the room book, under the key `policy`.
 */
export function policyIn(state: RoomState, bot: UserId): KnownPolicy | undefined {
  const content = POLICY.of(state, bot).get("");
  const event = state.get(Policy.type)?.event_id;
  return content && event && { content, event };
}
