import type {
  AccessRequestId,
  GrantPart,
  KeyAskContent,
  KeyGrantContent,
  OwnAskState,
  RoomId,
  UserId,
} from "@hearth/protocol";
import type { Records } from "../../session/api.ts";

/** An ask of this person's own, and what came of it on this device. */
export type OwnAsk = {
  readonly v: 1;
  readonly ask: KeyAskContent;
  readonly state: OwnAskState;
  /** Whether the admins' devices have been told. */
  readonly sent: boolean;
  readonly by?: UserId;
  readonly byDevice?: string;
  readonly grant?: KeyGrantContent;
  /** Parts that are imported. */
  readonly done: number;
  readonly taken: number;
  readonly refused: number;
  readonly problem?: string;
};

/** Somebody's ask, on an admin's device. */
export type TheirAsk = {
  readonly v: 1;
  readonly from: UserId;
  readonly ask: KeyAskContent;
  readonly receivedAt: number;
  readonly state: "waiting" | "giving" | "given" | "declined" | "revoked" | "elsewhere";
  readonly automatic?: true;
  readonly plan?: {
    readonly from: number;
    readonly to: number;
    readonly until: number;
    readonly keys: number;
  };
  readonly parts: readonly GrantPart[];
  /** When the keys were sent to their devices. */
  readonly sentAt?: number;
  /** The devices that it was sent to, and how each stands. */
  readonly devices: Readonly<Record<string, Delivery>>;
  readonly cleaned?: true;
  readonly problem?: string;
  /** How often giving it broke off, and before when this device does not try again by itself. */
  readonly failed?: { readonly times: number; readonly notBefore: number };
};
export type Delivery = {
  readonly state: "sent" | "imported" | "failed" | "ended";
  readonly taken: number;
  readonly refused: number;
};

/** Keys that are to be given, in the order of the files: written down so that an interrupted grant goes on as it began. */
export type Gathered = readonly {
  readonly roomId: RoomId;
  readonly sessionId: string;
  readonly at: number;
}[];

const MOST_OWN = 50;

/** What a device keeps of asks and grants. */
export class AccessStore {
  readonly own = new Map<AccessRequestId, OwnAsk>();
  readonly their = new Map<AccessRequestId, TheirAsk>();
  readonly #records: Records;
  readonly #onChange: () => void;
  readonly #onKeysGone: () => void;

  /**
   * @param onKeysGone keys of a grant's files, which lay in these records, were needed no more and are deleted: until the
   *   storage is rotated they may still lie on the disk
   */
  constructor(records: Records, onChange: () => void, onKeysGone: () => void = () => {}) {
    this.#records = records;
    this.#onChange = onChange;
    this.#onKeysGone = onKeysGone;
  }

  async load(): Promise<void> {
    for (const { key, value } of await this.#records.all<OwnAsk | TheirAsk>("access")) {
      const [kind, id] = key.split(":");
      if (value.v !== 1 || id === undefined) continue;
      if (kind === "own") this.own.set(id as AccessRequestId, value as OwnAsk);
      if (kind === "their") this.their.set(id as AccessRequestId, value as TheirAsk);
    }
  }

  /** On the disk when it resolves; in memory at once. */
  async putOwn(own: OwnAsk): Promise<void> {
    const held = keysIn(this.own.get(own.ask.request)) > keysIn(own);
    this.own.set(own.ask.request, own);
    await this.#records.write([{ collection: "access", key: `own:${own.ask.request}`, value: own }]);
    if (held) this.#onKeysGone();
    this.#onChange();
  }

  /** In memory alone: what the person is to see although it can't be written down. */
  show(own: OwnAsk): void {
    this.own.set(own.ask.request, own);
    this.#onChange();
  }

  /** Lets go of the oldest asks of one's own that are over, where there are many. */
  async forgetOver(now: number): Promise<void> {
    const over = [...this.own.values()].filter(
      ({ state, grant }) =>
        (state !== "waiting" && state !== "receiving" && state !== "given") ||
        (state === "given" && (grant?.until ?? 0) <= now),
    );
    for (const { ask } of over.slice(0, Math.max(0, this.own.size - MOST_OWN + 1)))
      await this.dropOwn(ask.request);
  }

  /** One that this device has just heard. */
  async addTheir(their: TheirAsk): Promise<void> {
    this.their.set(their.ask.request, their);
    await this.#writeTheir(their);
  }

  /** What became of one. It does not bring back one that went meanwhile: with a role that was lost, say. */
  async putTheir(their: TheirAsk): Promise<void> {
    const before = this.their.get(their.ask.request);
    if (!before) return;
    this.their.set(their.ask.request, their);
    await this.#writeTheir(their);
    if (before.parts.length > their.parts.length) this.#onKeysGone();
  }

  async #writeTheir(their: TheirAsk): Promise<void> {
    await this.#records.write([{ collection: "access", key: `their:${their.ask.request}`, value: their }]);
    this.#onChange();
  }

  /** The role that others' asks are for is lost, and their records are deleted: nothing of them is gone on with. [T6] */
  roleLost(): void {
    const held = [...this.their.values()].some(({ parts }) => parts.length > 0);
    this.their.clear();
    if (held) this.#onKeysGone();
    this.#onChange();
  }

  async dropOwn(request: AccessRequestId): Promise<void> {
    const held = keysIn(this.own.get(request)) > 0;
    this.own.delete(request);
    await this.#records.write([{ collection: "access", key: `own:${request}`, remove: true }]);
    if (held) this.#onKeysGone();
    this.#onChange();
  }

  async dropTheir(request: AccessRequestId): Promise<void> {
    const held = (this.their.get(request)?.parts.length ?? 0) > 0;
    this.their.delete(request);
    await this.#records.write([
      { collection: "access", key: `their:${request}`, remove: true },
      { collection: "access", key: `gathered:${request}`, remove: true },
    ]);
    if (held) this.#onKeysGone();
    this.#onChange();
  }

  gathered(request: AccessRequestId): Promise<Gathered | undefined> {
    return this.#records.get<Gathered>("access", `gathered:${request}`);
  }

  async putGathered(request: AccessRequestId, keys: Gathered): Promise<void> {
    await this.#records.write([{ collection: "access", key: `gathered:${request}`, value: keys }]);
  }

  async dropGathered(request: AccessRequestId): Promise<void> {
    await this.#records.write([{ collection: "access", key: `gathered:${request}`, remove: true }]);
  }
}

/** How many files' keys it holds. */
function keysIn(own: OwnAsk | undefined): number {
  return own?.grant?.parts.length ?? 0;
}
