import type { decide } from "../commands/decide.ts";
import type { RawEvent } from "../homeserver.ts";
import { BOT, event, orgEvents } from "./org.ts";

/** The org's state after what a command writes. */
export function after(outcome: ReturnType<typeof decide>, events: RawEvent[] = orgEvents()): RawEvent[] {
  if (!outcome.ok) throw new Error(outcome.message);
  const written = outcome.plan.effects.flatMap((effect) =>
    effect.do === "org state" ? [event(BOT, effect.type, effect.content, { key: effect.key })] : [],
  );
  const names = new Set(written.map(({ type, state_key }) => `${type} ${state_key}`));
  return [...events.filter(({ type, state_key }) => !names.has(`${type} ${state_key}`)), ...written];
}
