import { toMs, Wipe, WIPE_ANSWER_MS, WIPES_PATH } from "@hearth/protocol";
import type { PolicyContent, RoomId, WipeAnswer, WipeContent } from "@hearth/protocol";
import type { Homeserver } from "./homeserver.ts";
import type { Log } from "./log.ts";
import type { OrgState } from "./org/state.ts";

/** What could not be ended is tried again: so long after the first time, then twice as long each time, up to a limit. */
const RETRY_MS = 5_000;
const RETRY_AT_MOST_MS = 10 * 60_000;
/** Tried again in one step, so that many that fail don't keep other work from its turn: each costs a few requests. */
const RETRIES_AT_ONCE = 10;

/**
 * Looks after wipe records: hands them to devices that ask without a token, and ends at the homeserver a device that
 * has answered, or did not in time. Not before, because ending it empties its inbox, with the order in it. [P7]
 */
export type Wipes = {
  /** A command was carried out: there may be a new record, or an answer to one. */
  mayHaveChanged(): void;
  step(): Promise<void>;
  /**
   * From memory: whoever asks needs no token, and must not cost the homeserver anything.
   * @param path of a request, from the root
   * @returns the answer's status and JSON; undefined for a path that is none of these
   */
  answer(path: string): { status: number; body: string } | undefined;
};

type Org = Pick<OrgState, "wipes" | "roster" | "policy">;

export function createWipes(options: {
  readonly homeserver: Pick<Homeserver, "sendState" | "emptyServerHalf" | "deleteDevice">;
  readonly orgRoomId: () => RoomId;
  readonly readOrg: () => Promise<Org>;
  readonly now: () => number;
  /** Has `step` called after so many milliseconds. */
  readonly wakeIn: (ms: number) => void;
  readonly log: Log;
}): Wipes {
  const { homeserver, now, log } = options;
  let published: Published | undefined;
  let changed = true;
  let nextAt = Infinity;
  /** Wipes whose end failed: how often, and when it is tried again. */
  const failed = new Map<string, { readonly times: number; readonly againAt: number }>();

  /** What is done at the homeserver now, as far as it could be; each of the two must not wait for the other. */
  async function end({ user, device, ended }: WipeContent): Promise<NonNullable<WipeContent["ended"]>> {
    const tried = async (what: string, work: () => Promise<void>) => {
      try {
        await work();
        return true;
      } catch (error) {
        log.error(`the wiped device ${device} of ${user}: ${what}; it is tried again`, error);
        return false;
      }
    };
    // First the server's half of its root key: what the device itself has, and a copy of it, then opens nothing more.
    // A locked account's can't be emptied before it is unlocked; nobody is given it until then.
    const emptied = await tried("the server's half of its key could not be emptied", () =>
      homeserver.emptyServerHalf(user, device),
    );
    // Once it is gone, a device of that id is another one.
    const gone =
      ended === "device" ||
      (await tried("it could not be signed out", () => homeserver.deleteDevice(user, device)));
    if (!gone) return "none";
    return emptied ? "all" : "device";
  }

  async function carryOn(target: string, wipe: WipeContent): Promise<void> {
    const ended = await end(wipe);
    const state = wipe.state === "waiting" ? ("unanswered" as const) : wipe.state;
    if (ended !== wipe.ended || state !== wipe.state) {
      const content = { ...wipe, state, ended };
      await homeserver.sendState(options.orgRoomId(), Wipe.type, target, content);
      if (ended !== "none") log.info(`a wiped device has been signed out; it ${ANSWERED[state]}`);
    }
    if (ended === "all") failed.delete(target);
    else tryAgain(target);
  }

  function tryAgain(target: string): void {
    const times = (failed.get(target)?.times ?? 0) + 1;
    const pause = Math.min(RETRY_MS * 2 ** (times - 1), RETRY_AT_MOST_MS);
    failed.set(target, { times, againAt: now() + pause });
  }

  return {
    mayHaveChanged() {
      changed = true;
    },

    async step() {
      if (!changed && now() < nextAt) return;
      const org = await options.readOrg();
      published = publish(org);
      changed = false;
      nextAt = Infinity;
      let retries = 0;
      for (const [target, wipe] of org.wipes) {
        if (wipe.ended === "all") continue;
        const before = failed.get(target);
        // Somebody may have ordered once more what failed before: its time to answer begins anew.
        const due = Math.max(before?.againAt ?? 0, wipe.state === "waiting" ? wipe.at + WIPE_ANSWER_MS : 0);
        if (now() < due || (before && ++retries > RETRIES_AT_ONCE)) {
          nextAt = Math.min(nextAt, Math.max(due, now() + 1));
          continue;
        }
        try {
          await carryOn(target, wipe);
        } catch (error) {
          log.error(
            `what became of the wiped device ${wipe.device} of ${wipe.user} could not be noted`,
            error,
          );
          tryAgain(target);
        }
        nextAt = Math.min(nextAt, failed.get(target)?.againAt ?? Infinity);
      }
      if (nextAt < Infinity) options.wakeIn(nextAt - now());
    },

    answer(path) {
      if (!path.startsWith(WIPES_PATH)) return undefined;
      if (!published) return { status: 503, body: "{}" };
      const found = published.records.get(path.slice(WIPES_PATH.length));
      if (found === undefined || now() >= found.until) return { status: 404, body: "{}" };
      const { record } = found;
      return { status: 200, body: `{"v":1,"record":${record},"roster":${published.roster}}` };
    },
  };
}

const ANSWERED = { acknowledged: "said that its keys are gone", unanswered: "did not answer" };

type Published = {
  /** JSON, once for all records: it is much longer than any of them. */
  readonly roster: string;
  readonly records: ReadonlyMap<string, { readonly record: string; readonly until: number }>;
};

function publish({ wipes, roster, policy }: Org): Published {
  const pages: WipeAnswer["roster"] = Object.fromEntries(roster);
  return {
    roster: JSON.stringify(pages),
    records: new Map(
      [...wipes].map(([target, wipe]) => [
        target,
        { record: JSON.stringify(wipe.record), until: handedOutUntil(wipe, policy) },
      ]),
    ),
  };
}

/**
 * SPEC [W4]: a device that has not answered may come at any time. One that has is gone, and copies that somebody made of
 * it before destroy their keys themselves once their lease is over.
 */
function handedOutUntil(wipe: WipeContent, policy: PolicyContent | undefined): number {
  if (wipe.state !== "acknowledged" || !policy) return Infinity;
  return wipe.at + Math.max(toMs(policy.lease), toMs(policy.retention));
}
