import {
  EMPTY_ROSTER,
  mayReceive,
  readRoster,
  type Roster,
  type RosterReading,
  type UserId,
} from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import type { Org } from "../org.ts";
import { storedRoster, verifyEd25519, type StoredRoster } from "./stored.ts";

/** The roster as this device believes it: from what it pinned when joining, on by signatures alone. [P8] */
export class RosterBook {
  readonly #session: SignedInSession;
  readonly #onChange: () => void;
  #roster: Roster = EMPTY_ROSTER;
  #pages: StoredRoster["pages"] = [];
  #refused: RosterReading["refused"];
  #turn: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();

  constructor(session: SignedInSession, onChange: () => void) {
    this.#session = session;
    this.#onChange = onChange;
  }

  get roster(): Roster {
    return this.#roster;
  }

  /** Why what the server has is not followed, in words; undefined when it is. */
  get problem(): string | undefined {
    if (!this.#refused) return undefined;
    return this.#roster.hashes.length === 0
      ? "The list of who may receive keys is not the one that your invite named. Nobody gets your messages. Tell an admin, by phone or in person."
      : "The server holds back part of the list of who may receive keys, or has changed it. Hearth goes by the newest that it could check. Tell an admin, by phone or in person.";
  }

  mayReceive(userId: UserId, masterKey: string | undefined, now: number): boolean {
    return mayReceive(this.#roster, userId, masterKey, now);
  }

  async load(): Promise<void> {
    const { roster, pages } = await storedRoster(this.#session.records);
    this.#roster = roster;
    this.#pages = pages;
  }

  /** Reads on in what the org room's state has. */
  take(org: Org): Promise<void> {
    this.#turn = this.#turn.then(
      () => this.#read(org),
      () => this.#read(org),
    );
    return this.#turn;
  }

  /** Resolves at the next change, or after a while. */
  changed(atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, atMostMs);
      this.#waiting.add(done);
    });
  }

  async #read({ orgId, roster: pages }: Org): Promise<void> {
    const known = this.#roster;
    const { pin } = await this.#session.rosterKeys();
    // Who came first, or by no link, takes the roster that is there; from then on it is known.
    const pins = pin === "new" || known.hashes.length > 0 ? [] : [pin];
    const reading = await readRoster(pages, { org: orgId, pins, known, verify: verifyEd25519 });
    const grown = reading.roster.hashes.length > known.hashes.length;
    if (!grown && JSON.stringify(reading.refused) === JSON.stringify(this.#refused)) return;
    if (grown) {
      const added = reading.roster.hashes
        .map((_, index): [string, unknown] => [String(index), pages.get(String(index))])
        .slice(known.hashes.length);
      this.#pages = [...this.#pages, ...added];
      const stored: StoredRoster = { v: 1, org: orgId, pages: this.#pages };
      await this.#session.records.write([{ collection: "misc", key: "roster", value: stored }]);
    }
    this.#roster = reading.roster;
    this.#refused = reading.refused;
    for (const done of this.#waiting) done();
    this.#onChange();
  }
}
