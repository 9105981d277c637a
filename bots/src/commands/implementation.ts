import type {
  CommandArgs,
  CommandName,
  CommandRefusal,
  InviteId,
  OrgId,
  RoomId,
  UserId,
} from "@hearth/protocol";
import type { OrgState } from "../org/state.ts";
import type { RoomView } from "../rooms/view.ts";

/** All that a command may look at. It asks nobody anything. */
export type Situation = {
  /** Who gave the command: the sender of the event, as the homeserver says. */
  readonly actor: UserId;
  /** When the homeserver got the command: what it writes carries this time, so that doing it twice writes the same. */
  readonly at: number;
  /** Now, for what a permission or an expiry is checked against; never before `at`. */
  readonly now: number;
  readonly org: OrgState;
  readonly orgId: OrgId;
  readonly orgRoomId: RoomId;
  readonly botUserId: UserId;
  /** The onboarding room that the command was given in; undefined in the org and admin rooms. */
  readonly onboarding: RoomView | undefined;
  /** A trial or a test: the policy may name times that would harm people who depend on it. */
  readonly shortTimes: boolean;
  /** The registration token of an invite: made from its id and the appservice's secret, so that nobody stores it. */
  readonly tokenFor: (invite: InviteId) => string;
};

/**
 * One step of carrying a command out. Each is absolute, says what shall be and not what shall change: doing it again
 * does no harm, so a command that was interrupted is simply done again.
 */
export type Effect =
  | {
      readonly do: "org state";
      readonly type: string;
      readonly key: string;
      readonly content: Readonly<Record<string, unknown>>;
    }
  | { readonly do: "allow registration"; readonly token: string; readonly expiresAt: number }
  | { readonly do: "withdraw registration"; readonly token: string }
  /** Brings who is in the rooms, and with what power, in step with the org's state. */
  | { readonly do: "align rooms"; readonly which: "org and admin" | "all" }
  | { readonly do: "deactivate"; readonly user: UserId }
  /** Of these `mxc:` addresses, those that the owner uploaded. */
  | { readonly do: "delete media"; readonly owner: UserId; readonly media: readonly string[] };

export type Refusal = { readonly ok: false; readonly code: CommandRefusal; readonly message: string };

export type Plan = {
  readonly ok: true;
  readonly effects: readonly Effect[];
  /** What the answer carries. */
  readonly data?: Readonly<Record<string, unknown>>;
};

export type CommandImplementation<Name extends CommandName> = {
  /**
   * What the permission in the protocol's registry does not say: takes its place if it is there.
   * Not asked again when an interrupted command is carried on: it may have ended the sender's own permission.
   */
  readonly authorise?: (situation: Situation, args: CommandArgs<Name>) => Refusal | undefined;
  /** What to do, or why not. Planning again after some of it was done gives the rest. */
  readonly plan: (situation: Situation, args: CommandArgs<Name>) => Plan | Refusal;
  /** The answer in words, for the admin room. */
  readonly render: (data: Readonly<Record<string, unknown>>, args: CommandArgs<Name>) => string;
};

export function refuse(code: CommandRefusal, message: string): Refusal {
  return { ok: false, code, message };
}

export function done(effects: readonly Effect[], data?: Readonly<Record<string, unknown>>): Plan {
  return data === undefined ? { ok: true, effects } : { ok: true, effects, data };
}
