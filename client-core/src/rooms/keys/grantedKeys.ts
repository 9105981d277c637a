import type { RoomKeyRef } from "../../session/api.ts";

/** What the key window asks about keys that came by a grant. */
export interface GrantedKeys {
  /** Whether a grant lets this key be kept, that stands at `at` in time. */
  covers(key: RoomKeyRef, at: number, now: number): boolean;
  /** Whether this key came by a grant that is over. */
  hasEnded(key: RoomKeyRef): boolean;
  /** The next instant at which a grant ends. */
  nextEnd(now: number): number | undefined;
  /** Differs whenever what the others say may differ. */
  stamp(now: number): string;
}
