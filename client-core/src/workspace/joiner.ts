import type { RoomId, UserId } from "@hearth/protocol";
import { HttpFailure, type Log } from "../session/api.ts";
import { isUnreachable } from "../session/http.ts";
import type { Org } from "./org.ts";
import { botOf, shouldJoin, type RoomEndpoints } from "./rooms.ts";

/** Joins what this person is invited to, where that goes without asking. */
export class Joiner {
  readonly #me: UserId;
  readonly #endpoints: RoomEndpoints;
  readonly #pause: () => Promise<void>;
  readonly #log: Log;
  readonly #invites = new Map<RoomId, readonly unknown[]>();
  readonly #joining = new Set<RoomId>();

  constructor(me: UserId, endpoints: RoomEndpoints, pause: () => Promise<void>, log: Log) {
    this.#me = me;
    this.#endpoints = endpoints;
    this.#pause = pause;
    this.#log = log;
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
    for (const [roomId, state] of this.#invites) {
      if (this.#joining.has(roomId) || !shouldJoin(state, this.#me, botOf(this.#me), org, now)) continue;
      this.#joining.add(roomId);
      void this.#join(roomId).finally(() => this.#joining.delete(roomId));
    }
  }

  async #join(roomId: RoomId): Promise<void> {
    while (this.#invites.has(roomId)) {
      try {
        await this.#endpoints.join(roomId);
        this.#invites.delete(roomId);
      } catch (error) {
        const passing = error instanceof HttpFailure && (isUnreachable(error) || error.status === 429);
        if (!passing) {
          this.#invites.delete(roomId);
          this.#log("warn", "an invite could not be accepted", error);
          return;
        }
        await this.#pause();
      }
    }
  }
}
