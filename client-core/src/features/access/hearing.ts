import {
  KeyAsk,
  KeyReceipt,
  MOST_WAITING_ASKS,
  refuseAsk,
  UserId,
  type AccessRequestId,
} from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { isAdmin, type Org } from "../../org/org.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import type { Received } from "./post.ts";
import type { AccessStore, Delivery } from "./store.ts";

export type HearingDeps = {
  readonly session: SignedInSession;
  readonly store: AccessStore;
  readonly authority: RosterAuthority;
  readonly org: () => Org | undefined;
  readonly now: () => number;
  readonly onAsk: (request: AccessRequestId) => void;
  readonly onReceipt: () => void;
};

/** How many asks an admin's device keeps; more are dropped, the oldest that wait no longer first. */
const MOST_KEPT = 300;

/** What an admin's device takes in of asks, and of words on how a grant arrived. [P6] */
export class Hearing {
  readonly #deps: HearingDeps;
  /** Words on keys whose sending is not written down yet: a receiver can be faster than our disk. */
  readonly #early = new Map<AccessRequestId, Map<string, Delivery>>();

  constructor(deps: HearingDeps) {
    this.#deps = deps;
  }

  async heard({ content, info }: Received): Promise<void> {
    const { store, authority, now, session, org } = this.#deps;
    const here = org();
    const from = UserId.safeParse(info?.sender).data;
    const ask = KeyAsk.schema.safeParse(content).data;
    if (!here || !isAdmin(here, session.userId, now())) return;
    const doubt =
      from === undefined || info?.senderDevice === undefined
        ? "not_encrypted"
        : await authority.doubtDevice(from, info.senderDevice, info.senderCurve25519KeyBase64);
    const refused = refuseAsk(
      {
        encrypted: doubt !== "not_encrypted",
        signed: doubt === undefined,
        member: from !== undefined && (await authority.roleOf(from)) !== undefined,
        device: info?.senderDevice ?? "",
      },
      ask,
    );
    if (refused || !ask || from === undefined) {
      session.log("warn", `an ask for access was not taken: ${refused ?? "malformed"}`);
      return;
    }
    if (store.their.has(ask.request)) return;
    const waiting = [...store.their.values()].filter(
      (their) => their.from === from && their.state === "waiting",
    );
    if (waiting.length >= MOST_WAITING_ASKS) return;
    await this.#makeRoom();
    await store.addTheir({
      v: 1,
      from,
      ask,
      receivedAt: now(),
      state: "waiting",
      parts: [],
      devices: {},
    });
    this.#deps.onAsk(ask.request);
  }

  async receipt({ content, info }: Received): Promise<void> {
    const { store, authority } = this.#deps;
    const receipt = KeyReceipt.schema.safeParse(content).data;
    const their = receipt && store.their.get(receipt.request);
    const device = info?.senderDevice;
    if (!receipt || !their || info?.sender !== their.from || device === undefined) return;
    if (!(device in their.devices) && their.state !== "giving") return;
    if (await authority.doubtDevice(their.from, device, info.senderCurve25519KeyBase64)) return;
    const { state, taken, refused } = receipt;
    if (store.their.get(receipt.request)?.state === "giving") {
      const early = this.#early.get(receipt.request) ?? new Map<string, Delivery>();
      this.#early.set(receipt.request, early.set(device, { state, taken, refused }));
      return;
    }
    const latest = store.their.get(receipt.request) ?? their;
    await store.putTheir({ ...latest, devices: { ...latest.devices, [device]: { state, taken, refused } } });
    this.#deps.onReceipt();
  }

  /** Keys were sent: what their devices have said of them already counts now. */
  async given(): Promise<void> {
    const { store, onReceipt } = this.#deps;
    for (const [request, early] of this.#early) {
      const their = store.their.get(request);
      if (their?.state === "giving") continue;
      this.#early.delete(request);
      if (!their) continue;
      const known = [...early].filter(([device]) => device in their.devices);
      await store.putTheir({ ...their, devices: { ...their.devices, ...Object.fromEntries(known) } });
      onReceipt();
    }
  }

  async #makeRoom(): Promise<void> {
    const { store } = this.#deps;
    const done = [...store.their.values()]
      .filter(
        ({ state, cleaned, parts }) =>
          state !== "waiting" && state !== "giving" && (cleaned || parts.length === 0),
      )
      .toSorted((a, b) => a.receivedAt - b.receivedAt);
    while (store.their.size >= MOST_KEPT) {
      const [oldest] = done.splice(0, 1);
      if (!oldest) return;
      await store.dropTheir(oldest.ask.request);
    }
  }
}
