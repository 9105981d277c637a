import { keptUntil, keyBlock, windowStart, type KeyTimes } from "../keys/block.ts";
import type { RoomId, UserId } from "../ids.ts";
import type { KeyAskContent, Span } from "./ask.ts";
import { MOST_GRANT_BYTES, type KeyGrantContent } from "./grant.ts";
import type { SharedKey } from "./part.ts";

/** A grant ends at the latest this long after it was given. */
const DAY_MS = 86_400_000;
export const LONGEST_GRANT_MS = 32 * DAY_MS;

/** What the receiving device knows of who sent it something. Established by its own crypto machine, never by content. */
export type SenderFacts = {
  /** It came through Olm, and the key that it came with belongs to a known device. */
  readonly encrypted: boolean;
  /** That device is signed by its owner, whose identity did not change. */
  readonly signed: boolean;
  /** Its owner may grant: an admin on the roster. */
  readonly admin: boolean;
};

/** What has become of an ask of one's own. Only one that still waits takes a grant. */
export type OwnAskState = "waiting" | "receiving" | "given" | "declined" | "ended" | "failed";

export type GrantRefusal =
  | "not_encrypted"
  | "unsigned_device"
  | "not_an_admin"
  | "malformed"
  | "too_large"
  | "not_asked"
  | "already_answered"
  | "expired"
  | "wider_than_asked"
  | "too_long";

/**
 * What a receiver checks of a grant before it fetches anything (SPEC [Q1] to [Q6]).
 * @param bytes of its content as it came
 * @param mine the ask of this person's own that it names; undefined when there is none
 * @returns undefined when it may be taken
 */
export function refuseGrant(
  sender: SenderFacts,
  grant: KeyGrantContent | undefined,
  bytes: number,
  mine: { readonly ask: KeyAskContent; readonly state: OwnAskState } | undefined,
  now: number,
): GrantRefusal | undefined {
  if (!sender.encrypted) return "not_encrypted";
  if (!sender.signed) return "unsigned_device";
  if (!sender.admin) return "not_an_admin";
  if (bytes > MOST_GRANT_BYTES) return "too_large";
  if (!grant) return "malformed";
  if (!mine) return "not_asked";
  if (mine.state !== "waiting") return "already_answered";
  if (grant.until <= now) return "expired";
  if (grant.from < mine.ask.from || grant.to > mine.ask.to) return "wider_than_asked";
  if (grant.until > now + LONGEST_GRANT_MS) return "too_long";
  return undefined;
}

/** As for a grant, of a word that takes one back or declines an ask (SPEC [Q1], [Q2]). */
export function refuseAnswer(sender: SenderFacts): GrantRefusal | undefined {
  if (!sender.encrypted) return "not_encrypted";
  if (!sender.signed) return "unsigned_device";
  return sender.admin ? undefined : "not_an_admin";
}

/** What an admin's client checks of an ask: who it comes from must be who is to get keys (SPEC [Q7]). */
export function refuseAsk(
  sender: Pick<SenderFacts, "encrypted" | "signed"> & { readonly member: boolean; readonly device: string },
  ask: KeyAskContent | undefined,
): "not_encrypted" | "unsigned_device" | "not_a_member" | "malformed" | undefined {
  if (!sender.encrypted) return "not_encrypted";
  if (!sender.signed) return "unsigned_device";
  if (!sender.member) return "not_a_member";
  return ask?.device === sender.device ? undefined : "malformed";
}

/**
 * Which keys of a file a receiver takes (SPEC [Q5]): of rooms that it is in and asked for, and of the span that was
 * given. What the giver says of a key's time is only believed against the giver; the door looks again when it is used.
 */
export function takenKeys(
  keys: readonly SharedKey[],
  grant: Span,
  ask: Pick<KeyAskContent, "rooms">,
  isIn: (roomId: RoomId) => boolean,
): readonly SharedKey[] {
  const asked = ask.rooms && new Set<RoomId>(ask.rooms);
  return keys.filter(
    ({ roomId, at }) => isIn(roomId) && (asked?.has(roomId) ?? true) && grant.from <= at && at <= grant.to,
  );
}

/** What may be given for an ask: never more than was asked, for a window never more than the window (SPEC [Q4]). */
export function spanToGive(ask: KeyAskContent, times: KeyTimes, now: number): Span | undefined {
  const from = ask.kind === "window" ? Math.max(ask.from, windowStart(times, now)) : ask.from;
  const to = Math.min(ask.to, now);
  return from <= to ? { from, to } : undefined;
}

/** When a grant of the key window ends by itself: when its last block goes anyway. */
export function windowGrantEnd(span: Span, times: KeyTimes): number {
  return Math.min(keptUntil(span.to, times), span.to + LONGEST_GRANT_MS - DAY_MS);
}

/** The window as somebody asks for it now: whole blocks. */
export function windowToAsk(times: KeyTimes, now: number): Span {
  return { from: Math.max(0, windowStart(times, now)), to: Math.max(now, keyBlock(now, times)) };
}

/** How many times a day an admin's client answers one person by itself. */
export const MOST_AUTOMATIC_A_DAY = 5;

/** What an admin's client knows of who asks, before it answers by itself. */
export type AskerFacts = {
  /** On the roster, with the identity that the roster names. */
  readonly onRoster: boolean;
  /** The device that asks is signed by its owner. */
  readonly signed: boolean;
  /** How often an admin's client answered this person by itself within the last day. */
  readonly answeredToday: number;
};

/**
 * Whether an admin's client may answer without its admin (SPEC [Q8]): the window only, and only if the policy lets it and
 * the admin has switched it on at this very device. Nobody signs the policy, so it alone is not enough.
 */
export function mayAnswerAlone(
  allowed: { readonly policy: boolean | undefined; readonly device: boolean },
  ask: Pick<KeyAskContent, "kind">,
  asker: AskerFacts,
): boolean {
  return (
    allowed.policy === true &&
    allowed.device &&
    ask.kind === "window" &&
    asker.onRoster &&
    asker.signed &&
    asker.answeredToday < MOST_AUTOMATIC_A_DAY
  );
}

/** A grant that a device holds: until its end it keeps keys of its span that the key window would not. */
export type HeldGrant = Span & { readonly until: number; readonly by: UserId };

/** Whether a grant lets a key be kept that the window would not (SPEC [Q6]). */
export function isCovered(grants: Iterable<HeldGrant>, at: number, now: number): boolean {
  for (const grant of grants) if (now < grant.until && grant.from <= at && at <= grant.to) return true;
  return false;
}
