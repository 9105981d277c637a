import { UserId } from "@hearth/protocol";
import { CryptoEvent } from "../../sdk/names.ts";
import type { NewDevices } from "../../contract/index.ts";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { background } from "../../workspace/background.ts";
import { Turns } from "../../work/turns.ts";

/** `fresh`: came after this device had first looked at the person; of an unsigned one, nobody has put the notice away. */
type Seen = { readonly at: number; readonly signed: boolean; readonly fresh: boolean };
type Stored = [UserId, [string, Seen][]][];

/** More devices than this of one person are not a person's: the rest is not remembered. */
const MOST_DEVICES = 100;

/**
 * Notices devices that were not there before. What a device sees when it first looks at a person is where it begins;
 * what comes later is told: one that its owner has signed, for whoever reads back; one that they have not, until somebody
 * says that they have read it.
 */
export class DeviceWatch {
  readonly #session: SignedInSession;
  readonly #onChange: () => void;
  readonly #seen = new Map<UserId, Map<string, Seen>>();
  readonly #turns = new Turns();
  readonly #updated = (userIds: string[]) => {
    const known = userIds.flatMap((id) => UserId.safeParse(id).data ?? []).filter((id) => this.#seen.has(id));
    if (known.length > 0) background(this.#session, "looking at devices", this.#look(known));
  };

  /** @param onChange called when what `newOf` says may differ */
  constructor(session: SignedInSession, onChange: () => void) {
    this.#session = session;
    this.#onChange = onChange;
  }

  /** What was seen before; from here on it notices what comes. */
  async load(): Promise<void> {
    const stored = await this.#session.records.get<Stored>("seenDevices", "all");
    for (const [userId, devices] of stored ?? []) this.#seen.set(userId, new Map(devices));
    this.#session.client.on(CryptoEvent.DevicesUpdated, this.#updated);
  }

  dispose(): void {
    this.#session.client.off(CryptoEvent.DevicesUpdated, this.#updated);
  }

  /** What is known of one device: when this one first saw it, and whether its owner has signed it. */
  of(userId: UserId, deviceId: string): { readonly at: number; readonly signed: boolean } | undefined {
    return this.#seen.get(userId)?.get(deviceId);
  }

  /** What to tell about a person's unsigned devices; undefined when there is nothing new. */
  newOf(userId: UserId): NewDevices | undefined {
    const unsigned = this.#fresh(userId).filter(([, { signed }]) => !signed);
    if (unsigned.length === 0) return undefined;
    return { at: Math.max(...unsigned.map(([, { at }]) => at)), unsigned: unsigned.length };
  }

  /** A person's signed devices that came later, and when this device first saw each. */
  signedOf(userId: UserId): readonly { readonly deviceId: string; readonly at: number }[] {
    const signed = this.#fresh(userId).filter(([, device]) => device.signed);
    return signed.map(([deviceId, { at }]) => ({ deviceId, at }));
  }

  #fresh(userId: UserId): readonly (readonly [string, Seen])[] {
    return [...(this.#seen.get(userId) ?? [])].filter(([, { fresh }]) => fresh);
  }

  /** Somebody has read it. */
  dismiss(userId: UserId): Promise<void> {
    return this.#inTurn(async () => {
      const devices = this.#seen.get(userId);
      if (!devices) return;
      for (const [deviceId, device] of this.#fresh(userId))
        if (!device.signed) devices.set(deviceId, { ...device, fresh: false });
      await this.#keep();
    });
  }

  /** Begins with those of these people whom it has not looked at; the others' changes come by themselves. */
  async lookFirst(userIds: Iterable<UserId>): Promise<void> {
    const unseen = [...userIds].filter((userId) => !this.#seen.has(userId));
    if (unseen.length > 0) await this.#look(unseen);
  }

  /** Takes in these people's devices as the crypto machine knows them now. */
  #look(userIds: readonly UserId[]): Promise<void> {
    return this.#inTurn(async () => {
      const { client, stopped } = this.#session;
      if (stopped.aborted) return;
      const infos = await cryptoOf(client).getUserDeviceInfo([...userIds]);
      let changed = false;
      for (const userId of userIds)
        changed = (await this.#take(userId, [...(infos.get(userId)?.keys() ?? [])])) || changed;
      if (changed && !stopped.aborted) await this.#keep();
    });
  }

  async #take(userId: UserId, deviceIds: readonly string[]): Promise<boolean> {
    const before = this.#seen.get(userId);
    // Nothing known of them yet is not the same as having no device.
    if (!before && deviceIds.length === 0) return false;
    const crypto = cryptoOf(this.#session.client);
    const now = new Map<string, Seen>();
    let changed = before === undefined || before.size !== Math.min(deviceIds.length, MOST_DEVICES);
    for (const deviceId of deviceIds.slice(0, MOST_DEVICES)) {
      const known = before?.get(deviceId);
      const status = await crypto.getDeviceVerificationStatus(userId, deviceId);
      const signed = status?.signedByOwner ?? false;
      const fresh = known?.fresh ?? before !== undefined;
      changed ||= known === undefined || known.signed !== signed;
      now.set(deviceId, { at: known?.at ?? this.#session.now(), signed, fresh });
    }
    this.#seen.set(userId, now);
    return changed;
  }

  async #keep(): Promise<void> {
    const value: Stored = [...this.#seen].map(([userId, devices]) => [userId, [...devices]]);
    await this.#session.records.write([{ collection: "seenDevices", key: "all", value }]);
    this.#onChange();
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    return this.#turns.take(work);
  }
}

/** When this device first saw each of one's own devices. */
export async function firstSeenOf(session: SignedInSession): Promise<ReadonlyMap<string, number>> {
  const stored = await session.records.get<Stored>("seenDevices", "all");
  const own = stored?.find(([userId]) => userId === session.userId)?.[1] ?? [];
  return new Map(own.map(([deviceId, { at }]) => [deviceId, at]));
}
