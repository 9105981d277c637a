import { Wipe, WIPE_ANSWER_MS, WIPES_PATH } from "@hearth/protocol";
import type { RoomId, WipeAnswer } from "@hearth/protocol";
import type { Homeserver } from "./homeserver.ts";
import type { Log } from "./log.ts";
import type { OrgState } from "./org/state.ts";

/**
 * Looks after wipe records: hands them to devices that ask without a token, and ends at the homeserver a device that
 * did not answer in time. Not before, because ending it empties its inbox, with the order in it. [P7]
 */
export type Wipes = {
  /** A command was carried out: there may be a new record. */
  mayHaveChanged(): void;
  step(): Promise<void>;
  /**
   * From memory: whoever asks needs no token, and must not cost the homeserver anything.
   * @param path of a request, from the root
   * @returns the answer's status and JSON; undefined for a path that is none of these
   */
  answer(path: string): { status: number; body: string } | undefined;
};

export function createWipes(options: {
  readonly homeserver: Pick<Homeserver, "sendState" | "deleteDevice">;
  readonly orgRoomId: () => RoomId;
  readonly readOrg: () => Promise<Pick<OrgState, "wipes" | "roster">>;
  readonly now: () => number;
  /** Has `step` called after so many milliseconds. */
  readonly wakeIn: (ms: number) => void;
  readonly log: Log;
}): Wipes {
  const { homeserver, now, log } = options;
  let published: ReadonlyMap<string, string> | undefined;
  let changed = true;
  let nextAt = Infinity;

  return {
    mayHaveChanged() {
      changed = true;
    },

    async step() {
      if (!changed && now() < nextAt) return;
      const { wipes, roster } = await options.readOrg();
      const pages = Object.fromEntries(roster);
      published = new Map(
        [...wipes].map(([target, { record }]) => [
          target,
          JSON.stringify({ v: 1, record, roster: pages } satisfies WipeAnswer),
        ]),
      );
      changed = false;
      nextAt = Infinity;
      for (const [target, wipe] of wipes) {
        if (wipe.state !== "waiting") continue;
        const due = wipe.at + WIPE_ANSWER_MS;
        if (now() < due) {
          nextAt = Math.min(nextAt, due);
          continue;
        }
        // Thrown on the way, it is tried again by the next step.
        changed = true;
        await homeserver.deleteDevice(wipe.user, wipe.device);
        const content = { ...wipe, state: "unanswered" };
        await homeserver.sendState(options.orgRoomId(), Wipe.type, target, content);
        log.info("a device that was to destroy its keys did not answer, and has been signed out");
      }
      if (nextAt < Infinity) options.wakeIn(nextAt - now());
    },

    answer(path) {
      if (!path.startsWith(WIPES_PATH)) return undefined;
      if (!published) return { status: 503, body: "{}" };
      const body = published.get(path.slice(WIPES_PATH.length));
      return body === undefined ? { status: 404, body: "{}" } : { status: 200, body };
    },
  };
}
