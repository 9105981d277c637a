import { hasKeyBackupAt, memberStateKey } from "@hearth/protocol";
import type { SignedInSession } from "../session/api.ts";
import { background } from "./background.ts";
import type { RoomBook } from "../rooms/roomBook.ts";
import type { RosterAuthority } from "../features/roster/authority.ts";

/**
 * Tells the session whether this person's role has a key backup. Only what the server says now counts: what is stored
 * may be older than a change of role. And only together with the roster: a server that forges a role talks nobody into
 * a backup.
 */
export class BackupRoleTeller {
  readonly #session: SignedInSession;
  readonly #book: RoomBook;
  readonly #authority: RosterAuthority;
  readonly #isComplete: () => boolean;
  #turn = 0;

  /** @param isComplete whether the server has told of every room since the start */
  constructor(
    session: SignedInSession,
    book: RoomBook,
    authority: RosterAuthority,
    isComplete: () => boolean,
  ) {
    this.#session = session;
    this.#book = book;
    this.#authority = authority;
    this.#isComplete = isComplete;
  }

  /** To be called when org, roster or the own identity may have changed. */
  tell(): void {
    background(this.#session, "following the role", this.#tellNow());
  }

  async #tellNow(): Promise<void> {
    const { userId, keyBackup } = this.#session;
    const turn = ++this.#turn;
    const signed = await this.#authority.roleOf(userId);
    const { org } = this.#book;
    if (turn !== this.#turn || this.#session.stopped.aborted) return;
    if (!this.#isComplete() || !org?.access.members.has(memberStateKey(userId))) return;
    const entitled = hasKeyBackupAt(org.access, userId, this.#book.now());
    const vouched = signed === "admin" || signed === "exporter";
    keyBackup.roleSays(entitled && !vouched ? "unknown" : entitled, () =>
      [...this.#book.rooms.values()]
        .toSorted((a, b) => b.digest.lastActivityAt - a.digest.lastActivityAt)
        .map(({ roomId }) => roomId),
    );
  }
}
