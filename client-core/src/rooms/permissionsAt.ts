import type { Permission, UserId } from "@hearth/protocol";
import { ENCRYPTED, type RawEvent } from "./rawEvent.ts";

/** What somebody was permitted at an instant (an event's origin_server_ts). */
export type PermissionsAt = (userId: UserId, at: number) => ReadonlySet<Permission>;

/** Whether somebody's permissions as of some event are not what they were. */
export function isAffected(events: readonly RawEvent[], earlier: PermissionsAt, now: PermissionsAt): boolean {
  return events.some((event) => {
    if (event.type !== ENCRYPTED) return false;
    const was = earlier(event.sender, event.origin_server_ts);
    const is = now(event.sender, event.origin_server_ts);
    return was.size !== is.size || [...was].some((permission) => !is.has(permission));
  });
}
