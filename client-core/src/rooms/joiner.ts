import type { RoomId } from "@hearth/protocol";
import type { SignedInSession } from "../session/api.ts";
import { untilItWorks, type Pause } from "../work/retry.ts";
import type { Org } from "../org/org.ts";
import { botOf, shouldJoin, type RoomEndpoints } from "./endpoints.ts";

/** Joins what this person is invited to, where that goes without asking. */
export class Joiner {
  readonly #session: Pick<SignedInSession, "userId" | "stopped" | "log">;
  readonly #endpoints: Pick<RoomEndpoints, "join">;
  readonly #pause: Pause;
  readonly #invites = new Map<RoomId, readonly unknown[]>();
  readonly #joining = new Set<RoomId>();

  constructor(
    session: Pick<SignedInSession, "userId" | "stopped" | "log">,
    endpoints: Pick<RoomEndpoints, "join">,
    pause: Pause,
  ) {
    this.#session = session;
    this.#endpoints = endpoints;
    this.#pause = pause;
  }

  invited(roomId: RoomId, inviteState: readonly unknown[]): void {
    this.#invites.set(roomId, inviteState);
  }

  /** No longer invited: joined, or the invite was taken back. */
  settled(roomId: RoomId): void {
    this.#invites.delete(roomId);
  }

  /** Looks at all open invites; those that can't be judged before the organisation is known wait for the next call. */
  look(org: Org | undefined, now: number): void {
    const me = this.#session.userId;
    for (const [roomId, state] of this.#invites) {
      if (this.#joining.has(roomId) || !shouldJoin(state, me, botOf(me), org, now)) continue;
      this.#joining.add(roomId);
      void this.#join(roomId).finally(() => this.#joining.delete(roomId));
    }
  }

  async #join(roomId: RoomId): Promise<void> {
    const { stopped, log } = this.#session;
    try {
      const join = async () => {
        if (this.#invites.has(roomId)) await this.#endpoints.join(roomId);
      };
      await untilItWorks(join, this.#pause, stopped);
    } catch (error) {
      // Stays an invite, which the next start finds again.
      if (stopped.aborted) return;
      log("warn", "an invite could not be accepted", error);
    }
    this.#invites.delete(roomId);
  }
}
