import type { RecordChange } from "../session/api.ts";

/**
 * What a change says has changed: a key each for what somebody may read. Who reads is not named by who writes: views and
 * reactions declare the keys that they read, and a source need not know them.
 *
 * - `room/<id>/log`: its log, what is inside it, what it folds to, its read mark; also when the room came or went.
 * - `room/<id>/members`: its state: who is in it, who may do what, whether it says that it is closed.
 * - `org/<type>/<state key>`: one state event of the organisation's room.
 * - `policy`: what the organisation has decided. Readers take it from here and never from `org/…`.
 * - `roster`: whom admins have signed. `keys/<user>`: somebody's identity. `devices`: who has which.
 * - `grants`: access to older messages: asked for, given, received, over. `wipes`: a device has answered this client.
 * - `outbox/<id>`: what waits to go into a room, by the id that it waits under.
 * - `build`: our origin serves a newer build of this client.
 * - `time`: something that the organisation's state says begins or ends at an instant has begun or ended.
 * - `synced`: the server has told of every room since the start. `answered`: it has answered a sync. `invited`: somebody
 *   invites. `connection`: whether it answers.
 */
export type Key =
  | `room/${string}/log`
  | `room/${string}/members`
  | `org/${string}/${string}`
  | `keys/${string}`
  | `outbox/${string}`
  | "policy"
  | "roster"
  | "devices"
  | "grants"
  | "wipes"
  | "build"
  | "time"
  /** Whether the device's clock is believed, and what is hidden for it. */
  | "clock"
  | "synced"
  | "answered"
  | "invited"
  | "connection";

/** A key, or with one `*` all that begin and end like it. */
export type KeyPattern = Key;

export type Keys = ReadonlySet<Key>;

/** What belongs into the same write as something else, and what has changed with it. */
export type Change = { readonly keys: readonly Key[]; readonly write: readonly RecordChange[] };

export function matches(pattern: KeyPattern, key: Key): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === key;
  const [begin, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return key.length >= begin.length + end.length && key.startsWith(begin) && key.endsWith(end);
}

/** Those of the keys that somebody reads. */
export function readBy(reads: readonly KeyPattern[], keys: Keys): Set<Key> {
  return new Set([...keys].filter((key) => reads.some((pattern) => matches(pattern, key))));
}

/** What stands for the `*` in those keys that match. */
export function namedIn(keys: Keys, pattern: KeyPattern): string[] {
  const star = pattern.indexOf("*");
  const after = pattern.length - star - 1;
  return [...keys].filter((key) => matches(pattern, key)).map((key) => key.slice(star, key.length - after));
}

/** The same for several patterns; undefined when another key is among them. */
export function namedOnly(keys: Keys, patterns: readonly KeyPattern[]): Set<string> | undefined {
  const others = [...keys].some((key) => !patterns.some((pattern) => matches(pattern, key)));
  return others ? undefined : new Set(patterns.flatMap((pattern) => namedIn(keys, pattern)));
}
