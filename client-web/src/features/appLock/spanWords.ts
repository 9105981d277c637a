import { count } from "../../ui/count.ts";

/** "15 seconds", "2 minutes", "1 hour": a time to wait, never shorter than it is. */
export function spanWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 90) return count(seconds, "second");
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? count(minutes, "minute") : count(Math.ceil(minutes / 60), "hour");
}
