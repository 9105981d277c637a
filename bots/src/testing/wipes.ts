import { DeviceId, DeviceKey, wipeTarget } from "@hearth/protocol";
import type { WipeContent, WipeRecord } from "@hearth/protocol";
import { admin, NOW, ORG, responder } from "./org.ts";
import { signed } from "./signers.ts";
import type { Otherwise } from "./signers.ts";

/** A device of the responder's, the record that wipes it, and what the bot keeps of that. */
export function wipeOf(name: string) {
  const device = DeviceId.parse(name);
  const device_key = DeviceKey.parse("D".repeat(43));
  const target = wipeTarget({ org: ORG, user: responder, device, key: device_key });
  const record = (otherwise?: Otherwise) =>
    signed<WipeRecord>({ purpose: "wipe", body: { target, mode: "keys" } }, otherwise);
  const kept = async (more: Partial<WipeContent> = {}) => {
    const common = { v: 1, user: responder, device, device_key, by: admin, at: NOW, state: "waiting" };
    return { ...common, record: await record(), ...more } as WipeContent;
  };
  return { device, device_key, target, record, kept };
}
