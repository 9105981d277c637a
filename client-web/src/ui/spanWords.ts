import { count } from "./count.ts";

/** "15 seconds", "2 minutes", "1 hour", "4 days": a time to wait, never shorter than it is. */
export function spanWords(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  if (seconds < 90) return count(seconds, "second");
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 90) return count(minutes, "minute");
  const hours = Math.ceil(minutes / 60);
  return hours < 96 ? count(hours, "hour") : count(Math.ceil(hours / 24), "day");
}
