import { hasKeyBackupAt, isMemberAt, userIdFromMemberStateKey } from "@hearth/protocol";
import type { UserId } from "@hearth/protocol";
import { HomeserverError } from "./homeserver.ts";
import type { Homeserver } from "./homeserver.ts";
import type { Log } from "./log.ts";
import type { OrgState } from "./org/state.ts";

/** How long after one look at a member's account the next is due, if no role changes. */
const LOOK_EVERY_MS = 60 * 60_000;
/** Members looked at before other work has its turn: each costs the homeserver a sign-in. */
const AT_ONCE = 10;

/**
 * Deletes the key backups of members whose role has none, whoever made them: their own clients do so too, but a client
 * that is not ours, or one that is never opened again, does not. [P3]
 */
export type KeyBackupSweep = {
  /** A command was carried out: roles may have changed. */
  rolesMayHaveChanged(): void;
  /** Looks at members who are due: never looked at since the start, the role just lost, or an hour gone by. */
  step(): Promise<void>;
};

export function createKeyBackupSweep(options: {
  readonly homeserver: Pick<Homeserver, "userId" | "deleteKeyBackups">;
  readonly readOrg: () => Promise<Pick<OrgState, "roles" | "members" | "unreadable">>;
  readonly now: () => number;
  readonly log: Log;
}): KeyBackupSweep {
  const { homeserver, now, log } = options;
  /** When each member without a backup was last looked at. Whoever has the role is not in it. */
  const looked = new Map<UserId, number>();
  let nextAt = 0;

  return {
    rolesMayHaveChanged() {
      nextAt = 0;
    },
    async step() {
      if (now() < nextAt) return;
      const org = await options.readOrg();
      // A role that can't be read looks like none: nobody's backup is deleted for that.
      if (org.unreadable.length > 0) {
        nextAt = now() + LOOK_EVERY_MS;
        return;
      }
      const without = [...org.members.keys()].flatMap((key) => {
        const userId = userIdFromMemberStateKey(key);
        if (!userId || userId === homeserver.userId || !isMemberAt(org, userId, now())) return [];
        return hasKeyBackupAt(org, userId, now()) ? [] : [userId];
      });
      for (const userId of looked.keys()) if (!without.includes(userId)) looked.delete(userId);
      const due = without.filter((userId) => (looked.get(userId) ?? -Infinity) + LOOK_EVERY_MS <= now());
      for (const userId of due.slice(0, AT_ONCE)) {
        try {
          if (await homeserver.deleteKeyBackups(userId))
            log.info(`deleted a key backup of ${userId}, whose role has none`);
        } catch (error) {
          if (!(error instanceof HomeserverError) || error.passing) throw error;
          log.error(`key backups of ${userId} could not be looked at`, error);
        }
        looked.set(userId, now());
      }
      if (due.length <= AT_ONCE)
        nextAt = Math.min(now() + LOOK_EVERY_MS, ...looked.values().map((at) => at + LOOK_EVERY_MS));
    },
  };
}
