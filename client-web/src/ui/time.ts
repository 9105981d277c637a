/** Words for instants. All arguments are milliseconds since 1970; the words follow the reader's locale and zone. */
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

export const exactTime = (at: number): string => exact.format(at);
export const clockTime = (at: number): string => clock.format(at);

/** "now", "5 min", "3 h", "2 d", then the date. */
export function shortAgo(at: number, now: number): string {
  const minutes = Math.floor((now - at) / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 7 * 24 * 60) return `${Math.floor(minutes / (24 * 60))} d`;
  return sameYear(at, now) ? dayOfYear.format(at) : day.format(at);
}

/** "14:05" today, else "3 Feb, 14:05", with the year if it is another. */
export function dayAndTime(at: number, now: number): string {
  if (sameDay(at, now)) return clock.format(at);
  return `${sameYear(at, now) ? dayOfYear.format(at) : day.format(at)}, ${clock.format(at)}`;
}

/** "Today", "Yesterday" or the date: heads of a conversation's days. */
export function dayName(at: number, now: number): string {
  if (sameDay(at, now)) return "Today";
  if (sameDay(at, now - 86_400_000)) return "Yesterday";
  return sameYear(at, now) ? dayOfYear.format(at) : day.format(at);
}

export function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}
function sameYear(a: number, b: number): boolean {
  return new Date(a).getFullYear() === new Date(b).getFullYear();
}
