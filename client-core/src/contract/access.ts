import type { AccessCode, GrantRefusal } from "@hearth/protocol";
import type { MemberRow } from "./people.ts";

/** Access to older messages: what this person asked, and, for admins, what everybody did. */
export type AccessView = {
  mine: OwnAccess[];
  /** Everybody's, the newest first; empty for who is no admin. */
  asks: AccessAsk[];
  /**
   * Whether this device answers asks for the key window by itself; only for admins. `allowed`: the policy lets devices do
   * so. `window`: how far back at most, as an ISO 8601 duration, set while it is switched on here. `policyWindow`: the
   * policy's key window now.
   */
  alone?: { allowed: boolean; window?: string; policyWindow?: string };
  /** What came and was not taken: from whom (as far as one knows), and why. The newest few. */
  refused: { at: number; sender: string; reason: GrantRefusal }[];
};

export type OwnAccess = {
  request: string;
  kind: "window" | "span";
  from: number;
  to: number;
  at: number;
  /** `roomId` when it was for one request only. */
  roomId?: string;
  state: "waiting" | "receiving" | "given" | "declined" | "ended" | "failed";
  byName?: string;
  until?: number;
  /** Files taken in, of how many. */
  progress?: { done: number; of: number };
  /** How many keys came that were not here. */
  keys?: number;
  problem?: string;
};

export type AccessAsk = {
  request: string;
  userId: string;
  name: string;
  kind: "window" | "span";
  code: AccessCode;
  /** In the asker's words; only on devices that the ask reached. */
  reason?: string;
  from: number;
  to: number;
  at: number;
  /** Titles of the requests it names; a number when this device knows only how many; absent: all. */
  rooms?: string[] | number;
  /** The device that asks. */
  deviceId: string;
  device: { signed: boolean; seenAt?: number };
  identity: MemberRow["identity"];
  /** Whether the roster lists them with the keys that they have. */
  listed: boolean;
  state: "waiting" | "withdrawn" | "giving" | "given" | "declined" | "revoked";
  /** Who answered. */
  byName?: string;
  automatic: boolean;
  until?: number;
  keys?: number;
  /** How the grant stands on each of their devices, as far as this device gave it. */
  devices: { deviceId: string; state: "sent" | "imported" | "failed" | "ended"; taken: number }[];
  /** Whether this device can answer: the ask has reached it. */
  canAnswer: boolean;
  problem?: string;
};
