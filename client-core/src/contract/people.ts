export type MemberRow = {
  userId: string;
  /** As it is shown everywhere: with their handle where it could be taken for another's, or for a role. */
  name: string;
  /** One's own alone: as it was written, and whether it is shown with the handle. */
  own?: { name: string; confusable: boolean };
  pronouns?: string;
  bio?: string;
  phone?: string;
  email?: string;
  colour: string;
  roles: string[];
  onDuty: boolean;
  dutySince?: number;
  former: boolean;
  isMe: boolean;
  /** Some of what they say of themselves was written by a newer version, and is left out here. */
  incomplete?: true;
  /** So many of their devices say that they can't forget for sure. */
  cannotForget?: number;
  /** `changed`: their cross-signing was replaced; they get no keys until somebody looks. `verified`: compared by me. */
  identity: "fine" | "verified" | "changed" | "none";
  /**
   * `waiting`: no admin has signed them onto the roster; `other_keys`: one has, with other keys than these. Both get no
   * keys. `code` is what an admin and they compare; missing while they have no keys.
   */
  roster: "listed" | "waiting" | "other_keys";
  code?: string;
  /** What the org's state says of them that no admin has signed: a command was typed, or the server made it up. */
  unsigned?: "admin" | "exporter" | "member" | "ended";
};
/**
 * `problem`: why the server's roster is not followed. `list`: the code of the roster that is followed, or, with `compare`,
 * of one that is not until somebody has compared it with an admin.
 */
export type TeamView = {
  members: MemberRow[];
  problem?: string;
  list?: { code: string; compare: boolean };
};

/** How many came that their owner has not signed (such a one gets no keys), and when the last of them did. */
export type NewDevices = { at: number; unsigned: number };
