import {
  EMPTY_ROSTER,
  mayReceive,
  readRoster,
  rosterCode,
  rosterHead,
  RosterStatement,
  type Roster,
  type RosterHash,
  type RosterReading,
  type UserId,
} from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import type { Org } from "../../org/org.ts";
import { storedRoster, verifyEd25519, type StoredRoster } from "./stored.ts";
import { Turns } from "../../work/turns.ts";

const COMPARE =
  "This device doesn’t know yet which list of members to believe, so nobody gets your messages. Compare its code with an admin on the Team page.";

/** The roster as this device believes it: from what it pinned when joining, on by signatures alone. [P8] */
export class RosterBook {
  readonly #session: SignedInSession;
  readonly #onChange: () => void;
  #roster: Roster = EMPTY_ROSTER;
  #pages: StoredRoster["pages"] = [];
  #refused: RosterReading["refused"];
  /** The founding of the roster that the server shows and that this device has no reason to believe. */
  #unknown: RosterHash | undefined;
  readonly #turns = new Turns();
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
    if (this.#unknown !== undefined) return COMPARE;
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
    return this.#turns.take(() => this.#read(org));
  }

  /** Resolves at the next change, or after a while. */
  changed(atMostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        stop();
        this.#waiting.delete(done);
        resolve();
      };
      const stop = this.#session.clock.after(atMostMs, done);
      this.#waiting.add(done);
    });
  }

  /**
   * The code of the roster that the server shows, while this device was told nothing of which one to believe: it follows
   * none until somebody has compared it, or another device of this person has told.
   */
  get toCompare(): string | undefined {
    return this.#unknown && rosterCode(this.#unknown);
  }

  /** The code of the roster that is followed, to be read to somebody who has to compare. */
  get code(): string | undefined {
    const [founding] = this.#roster.hashes;
    return founding && rosterCode(founding);
  }

  /** Somebody compared: the roster with this code is to be believed. @throws Refusal when it is another one by now */
  async believe(code: string): Promise<void> {
    const founding = this.#unknown;
    if (founding === undefined || rosterCode(founding) !== code)
      throw new Refusal("conflict", "The list has changed since you compared. Compare again.");
    await this.#session.rosterRecord.update((record) => ({ ...record, pin: founding }));
  }

  async #read({ orgId, roster: pages }: Org): Promise<void> {
    const known = this.#roster;
    const { pin, publicKey } = await this.#session.rosterKeys();
    const reading = await readRoster(pages, {
      org: orgId,
      pins: pin === "new" || known.hashes.length > 0 ? [] : [pin],
      known,
      verify: verifyEd25519,
    });
    const [founding] = reading.roster.hashes;
    const own = RosterStatement.safeParse(pages.get("0")).data?.key === publicKey;
    const unknown = pin === "new" && known.hashes.length === 0 && founding !== undefined && !own;
    // What was read before stands; that another own device has read further is known all the same.
    const short = pin !== "new" && !reading.roster.hashes.includes(pin);
    const refused =
      reading.refused ??
      (unknown || short
        ? ({ index: reading.roster.hashes.length, reason: "not_pinned" } as const)
        : undefined);
    const grown = !unknown && reading.roster.hashes.length > known.hashes.length;
    const asBefore = JSON.stringify([refused, unknown ? founding : undefined]);
    if (!grown && asBefore === JSON.stringify([this.#refused, this.#unknown])) return;
    if (grown) await this.#keep(orgId, reading.roster, pages);
    this.#unknown = unknown ? founding : undefined;
    if (!unknown) this.#roster = reading.roster;
    this.#refused = refused;
    for (const done of this.#waiting) done();
    this.#onChange();
  }

  /** The chain first, then what must be in it from now on: cut off in between, the chain that is there has the older pin. */
  async #keep(org: Org["orgId"], roster: Roster, pages: ReadonlyMap<string, unknown>): Promise<void> {
    const { records, rosterRecord } = this.#session;
    const added = roster.hashes
      .map((_, index): [string, unknown] => [String(index), pages.get(String(index))])
      .slice(this.#roster.hashes.length);
    this.#pages = [...this.#pages, ...added];
    const value: StoredRoster = { v: 1, org, pages: this.#pages };
    await records.write([{ collection: "roster", key: "chain", value }]);
    await rosterRecord.update((record) => ({ ...record, pin: rosterHead(roster) }));
  }
}
