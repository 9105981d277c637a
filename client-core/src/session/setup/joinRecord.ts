import type { InviteLink } from "@hearth/protocol";

/**
 * A join that is under way, written down before each request, so that it goes on from wherever it was cut off.
 * `registering` → (signed in) `asking` → `joining` → `profile` → gone. Setting up encryption comes between the
 * first two; whether it is needed is seen from the account, not from here.
 */
export type JoinRecord = {
  readonly link: InviteLink;
  readonly userName: string;
  readonly displayName: string;
  /** Only until signed in. */
  readonly password?: string;
  /** The authentication session of a registration that was begun; see `Registration`. */
  readonly registration?: string;
  readonly step: "registering" | "asking" | "joining" | "profile";
  readonly commandId: string;
  readonly roomId?: string;
  readonly orgRoomId?: string;
};
