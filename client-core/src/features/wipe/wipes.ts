import {
  DeviceKey,
  Instant,
  KeyWipe,
  KeyWiped,
  Member,
  Role,
  signStatement,
  DeviceId,
  Wipe,
  WipeWish,
  wipeTarget,
  type WipeContent,
  type WipeRecord,
  type UserId,
  type WipeTarget,
} from "@hearth/protocol";
import { ClientEvent } from "../../sdk/names.ts";
import type { ReceivedToDeviceMessage } from "../../sdk/names.ts";
import type { CommandArg, CommandValue, WipesView } from "../../contract/index.ts";
import type { SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { checkDevice, sendToDevices } from "../../sdk/toDevice.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import { isAdmin, type Org } from "../../org/org.ts";
import { orgOrRefuse, userOrRefuse } from "../../workspace/refusals.ts";
import type { RosterBook } from "../roster/book.ts";
import type { View } from "../../store/shown.ts";
import { refreshDevices } from "../../sdk/machine.ts";

type Sent = {
  readonly user: UserId;
  readonly device: DeviceId;
  /** The device's Curve25519 key, which it answers with. */
  readonly writesWith: string | undefined;
};

type Deps = {
  readonly session: SignedInSession;
  readonly bot: BotCommands;
  readonly roster: RosterBook;
  readonly org: () => Org | undefined;
  /** When this device first saw somebody's. */
  readonly seenAt: (userId: UserId, deviceId: DeviceId) => number | undefined;
  readonly now: () => number;
  /** A device has answered this client. */
  readonly onAnswered: () => void;
};

type Device = {
  readonly deviceId: DeviceId;
  readonly name: string;
  readonly key: DeviceKey;
  readonly signed: boolean;
  readonly writesWith: string | undefined;
};

/**
 * An admin's side of a wipe [P7]: signs the record, has the bot publish it where a device without a token finds it, and
 * only then tells the device, because what was begun must not hang on the device being online.
 */
export class Wipes {
  readonly #deps: Deps;
  /** Sent by this client: an answer may be quicker than the org's state. */
  readonly #sent = new Map<WipeTarget, Sent>();
  /** Have answered this client; the bot notes it for everybody a little later. */
  readonly #answered = new Set<string>();
  readonly #listener: (received: ReceivedToDeviceMessage) => void;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#listener = (received) =>
      background(deps.session, "noting that a wipe was done", this.#hear(received));
    deps.session.client.on(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }

  dispose(): void {
    this.#deps.session.client.off(ClientEvent.ReceivedToDeviceMessage, this.#listener);
  }

  /** For admins only. */
  readonly view: View<"wipes"> = {
    slice: "wipes",
    reads: [
      `org/${Wipe.type}/*`,
      `org/${WipeWish.type}/*`,
      `org/${Role.type}/*`,
      `org/${Member.type}/*`,
      "roster",
      "time",
      "wipes",
    ],
    make: () => this.#view(),
  };

  #view(): WipesView | undefined {
    const { session, roster, now } = this.#deps;
    const org = this.#deps.org();
    if (!org || !isAdmin(org, session.userId, now())) return undefined;
    return {
      orders: [...org.wipes]
        .map(([target, { record, user, device, by, at, state, ended }]) => ({
          target,
          userId: user,
          deviceId: device,
          mode: record.body.mode,
          by,
          at,
          state: this.#answered.has(target) ? ("acknowledged" as const) : state,
          ...leftOf(ended),
          counts: roster.roster.signers.has(record.key),
        }))
        .toSorted((a, b) => b.at - a.at),
      wishes: [...org.wishes.values()]
        .filter((wish) => wish.open)
        .map(({ user, device, mode, by, at }) => ({
          userId: user,
          ...(device === undefined ? {} : { deviceId: device }),
          mode,
          by,
          at,
        })),
    };
  }

  async devices({ userId }: CommandArg<"wipe.devices">): Promise<CommandValue<"wipe.devices">> {
    const user = userOrRefuse(userId);
    const devices = await this.#devicesOf(user);
    return {
      devices: devices.map(({ deviceId, name, signed }) => {
        const seenAt = this.#deps.seenAt(user, deviceId);
        return { deviceId, name, signed, ...(seenAt === undefined ? {} : { seenAt }) };
      }),
    };
  }

  async start(arg: CommandArg<"wipe.start">): Promise<CommandValue<"wipe.start">> {
    const { session } = this.#deps;
    const userId = userOrRefuse(arg.userId);
    const wanted = arg.deviceIds && new Set(arg.deviceIds);
    const devices = (await this.#devicesOf(userId)).filter(
      ({ deviceId }) =>
        wanted?.has(deviceId) ?? !(userId === session.userId && deviceId === session.deviceId),
    );
    if (devices.some(({ deviceId }) => userId === session.userId && deviceId === session.deviceId))
      throw new Refusal("invalid", "This is the device you are on. Use “Sign out” for it.");
    if (devices.length === 0 || (wanted && devices.length < wanted.size))
      throw new Refusal(
        "not_found",
        "The server no longer knows such a device. If it held keys, it destroys them itself when it has had no contact for as long as the settings say.",
      );
    // One that fails must not keep the others from being told.
    const outcomes = await Promise.allSettled(devices.map((device) => this.#order(userId, device, arg.mode)));
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
    return { orders: devices.length };
  }

  async #order(user: UserId, device: Device, mode: "keys" | "sign_out"): Promise<void> {
    const { session, bot } = this.#deps;
    const org = orgOrRefuse(this.#deps.org());
    const { deviceId, key: device_key } = device;
    const { publicKey: key, sign } = await session.rosterKeys();
    const target = wipeTarget({ org: org.orgId, user, device: deviceId, key: device_key });
    const at = Instant.parse(session.now());
    const record = await signStatement<WipeRecord>(
      { v: 1, purpose: "wipe", org: org.orgId, key, at, body: { target, mode } },
      sign,
    );
    this.#sent.set(target, { user, device: deviceId, writesWith: device.writesWith });
    let unpublished: Refusal | undefined;
    try {
      await bot.ask("wipe sign", { user, device: deviceId, device_key, record });
    } catch (error) {
      // Without bots it is published later. What the device needs to heed it is in the message.
      if (!(error instanceof Refusal && error.code === "no_answer")) throw error;
      unpublished = error;
    }
    try {
      await this.#tell(user, device, record);
    } catch (error) {
      // It finds the record by itself, once the bot has ended it at the homeserver.
      session.log("warn", "a device could not be told of its wipe", error);
    }
    if (unpublished !== undefined) throw unpublished;
  }

  async #tell(user: UserId, { deviceId, key, writesWith }: Device, record: WipeRecord): Promise<void> {
    const { session } = this.#deps;
    const device = await checkDevice(session.client, user, deviceId);
    // The record names the device by its key: for another one under the same id it is of no use.
    if (device?.ed25519 !== key || device.curve25519 !== writesWith)
      throw new Error("the device is no longer the one that it was");
    const content = { v: 1, record };
    // A lost device that nobody has signed must be wiped too, and the record is there for everybody to read.
    const options = { mayHave: () => Promise.resolve(true), unsignedToo: true };
    const sent = await sendToDevices(session, KeyWipe.type, [device], content, options);
    if (sent.length === 0) throw new Error("the device has no keys to encrypt to, or has just changed");
  }

  async #hear({ message, encryptionInfo: info }: ReceivedToDeviceMessage): Promise<void> {
    if (message.type !== KeyWiped.type || !info) return;
    const content = KeyWiped.schema.safeParse(message.content);
    if (!content.success) return;
    const { target } = content.data;
    const sent = this.#sent.get(target);
    const order = sent ?? this.#deps.org()?.wipes.get(target);
    if (!order || order.user !== info.sender || order.device !== info.senderDevice) return;
    // Only the device itself can say it. Sent before a reload, its key is asked of the crypto machine.
    const writesWith = sent?.writesWith ?? (await this.#identityKeyOf(order.user, order.device));
    if (writesWith !== info.senderCurve25519KeyBase64) return;
    this.#answered.add(target);
    this.#deps.onAnswered();
    await this.#deps.bot.ask("wipe done", { target });
  }

  async #identityKeyOf(userId: UserId, deviceId: DeviceId): Promise<string | undefined> {
    const known = await cryptoOf(this.#deps.session.client).getUserDeviceInfo([userId]);
    return known.get(userId)?.get(deviceId)?.getIdentityKey();
  }

  async #devicesOf(userId: UserId): Promise<Device[]> {
    const { client } = this.#deps.session;
    const crypto = cryptoOf(client);
    // One that was signed in just now may come with a sync that is still on its way, and is to be wiped as well.
    await refreshDevices(client, [userId]);
    const known = (await crypto.getUserDeviceInfo([userId])).get(userId)?.values() ?? [];
    const devices: Device[] = [];
    for (const device of known) {
      const key = DeviceKey.safeParse(device.getFingerprint());
      const id = DeviceId.safeParse(device.deviceId);
      if (!key.success || !id.success) continue;
      const status = await crypto.getDeviceVerificationStatus(userId, device.deviceId);
      devices.push({
        deviceId: id.data,
        name: device.displayName ?? device.deviceId,
        key: key.data,
        signed: status?.signedByOwner ?? false,
        writesWith: device.getIdentityKey(),
      });
    }
    return devices;
  }
}

/** What the bot tried to end and could not: an admin should know of it. */
function leftOf(ended: WipeContent["ended"]): { left?: "device" | "half" } {
  if (ended === "none") return { left: "device" };
  return ended === "device" ? { left: "half" } : {};
}
