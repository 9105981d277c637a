import {
  DeviceId,
  DeviceKey,
  EMPTY_ROSTER,
  OrgId,
  readRoster,
  UserId,
  WipeAnswer,
  WIPES_PATH,
  RosterHash,
  wipeTarget,
  WipeTarget,
  judgeWipe,
  type Roster,
  type WipeVerdict,
} from "@hearth/protocol";
import { z } from "zod";
import { storedRoster, verifyEd25519 } from "../../features/roster/stored.ts";
import type { Environment } from "../environment.ts";
import type { HeaderValues } from "../storage/sealedHeader.ts";
import type { Vault } from "../vault.ts";

const TIMEOUT_MS = 10_000;

/** What a device judges a wipe by. It holds no secret, so it may stay in memory while the session is locked. */
export type WipeContext = {
  readonly target: WipeTarget;
  /** Unknown behind an app lock. */
  readonly org: OrgId | undefined;
  readonly roster: Roster;
  /** Of a roster that is not at hand: what answers must bring one with this statement in it. */
  readonly newest?: RosterHash;
};

/**
 * The same for a program that is started under an app lock, where it lies in the clear: two hashes, because whoever copies
 * the disk reads them. They name neither person, nor device, nor org, and an answer that does not fit both is not heeded.
 */
export const WipeNote = z.object({ target: WipeTarget, newest: RosterHash });
export type WipeNote = z.infer<typeof WipeNote>;

export function noteOf({ target, roster, newest }: WipeContext): WipeNote | undefined {
  const head = roster.hashes.at(-1) ?? newest;
  return head && { target, newest: head };
}

export function noteContext({ target, newest }: WipeNote): WipeContext {
  return { target, org: undefined, roster: EMPTY_ROSTER, newest };
}

/** @returns undefined for a device that knows no roster yet: nobody's word counts there, and it was given no keys */
export async function wipeContext(vault: Vault): Promise<WipeContext | undefined> {
  const { roster, pages } = await storedRoster(vault.records);
  const parsed = Own.safeParse({
    ...vault.account,
    org: (pages[0]?.[1] as { org?: unknown } | undefined)?.org,
  });
  if (!parsed.success) return undefined;
  return { ...parsed.data, roster };
}

/** @returns undefined as `wipeContext` */
export function headerContext({ account, wipe }: HeaderValues): WipeContext | undefined {
  const parsed = Own.safeParse({ ...account, org: wipe?.org });
  if (!wipe || !parsed.success) return undefined;
  return { ...parsed.data, roster: EMPTY_ROSTER, newest: wipe.newest };
}

const Own = z
  .object({ org: OrgId, userId: UserId, deviceId: DeviceId, deviceKey: DeviceKey })
  .transform(({ org, userId, deviceId, deviceKey }) => ({
    org,
    target: wipeTarget({ org, user: userId, device: deviceId, key: deviceKey }),
  }));

export async function judge(
  record: unknown,
  { target, org = orgOf(record), roster }: WipeContext,
): Promise<WipeVerdict> {
  if (org === undefined) return { obey: false, reason: "malformed" };
  return judgeWipe(record, { own: { org, target }, roster, verify: verifyEd25519 });
}

/**
 * Where this device does not know its org, it takes the record's word: the target is a hash of the right one, and so is
 * what the roster must have in it.
 */
function orgOf(record: unknown): OrgId | undefined {
  return z.object({ org: OrgId }).safeParse(record).data?.org;
}

/**
 * Asks our origin for a wipe record, without a token. What answers may be anybody: the record is judged by signatures
 * alone, and an answer of any other kind means nothing.
 * @returns `none` when the origin says that there is none, `unanswered` when nobody said anything that can be read
 */
export async function lookUpWipe(
  { fetch, baseUrl, clock }: Pick<Environment, "fetch" | "baseUrl" | "clock">,
  context: WipeContext,
  signal: AbortSignal,
): Promise<WipeVerdict | "none" | "unanswered"> {
  try {
    const response = await fetch(baseUrl + WIPES_PATH + context.target, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      cache: "no-store",
      signal: AbortSignal.any([signal, clock.timeout(TIMEOUT_MS)]),
    });
    const text = await response.text();
    if (response.status === 404) return "none";
    if (!response.ok) return "unanswered";
    const answer = WipeAnswer.safeParse(JSON.parse(text));
    if (!answer.success) return "unanswered";
    const { record, roster } = answer.data;
    const org = context.org ?? orgOf(record);
    const pages = new Map(Object.entries(roster));
    return await judge(record, { ...context, org, roster: await grown({ ...context, org }, pages) });
  } catch {
    return "unanswered";
  }
}

/**
 * The roster with what was said since this device was last online, as far as it follows on what is known. One that knows
 * nothing yet learns nothing here: it would take anybody's.
 */
async function grown(
  { org, roster: known, newest }: WipeContext,
  pages: ReadonlyMap<string, unknown>,
): Promise<Roster> {
  if (org === undefined || (known.hashes.length === 0 && newest === undefined)) return known;
  const pins = newest === undefined ? [] : [newest];
  return (await readRoster(pages, { org, pins, known, verify: verifyEd25519 })).roster;
}
