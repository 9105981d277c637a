import { z } from "zod";
import { Duration, toMs } from "../duration.ts";
import { defineState } from "../define/state.ts";

/** After how many wrong tries an app lock destroys the keys. Fewer than five would hit whoever is only tired. */
export const WipeAfter = z.stringFormat("wrong tries", /^(off|[5-9]|[1-9][0-9]|100)$/);
export const OnOff = z.enum(["on", "off"]);
/** `own`: devices that can't set a storage of their own apart, and so can't forget for sure, are refused. */
export const DeviceStorage = z.enum(["any", "own"]);
/** At the latest after how long without a touch an app lock, where one is on, locks by itself. */
export const LockIdle = z.union([z.literal("off"), Duration]);

/**
 * What an org has decided. `key_window` (X) is how long staff devices may keep keys, `retention` (Y) how long
 * the server keeps ciphertext, `key_block` how long one Megolm session may serve, `lease` how long a device
 * lives without contact. block ≤ X < Y.
 */
export const PolicyContent = z
  .object({
    v: z.literal(1),
    name: z.string().trim().min(1).max(100),
    key_block: Duration,
    key_window: Duration,
    retention: Duration,
    lease: Duration,
    invite_expiry: Duration,
    lock_idle: LockIdle.default("off"),
    lock_wipe_after: WipeAfter.default("off"),
    online_unlock: OnOff.default("off"),
    device_storage: DeviceStorage.default("any"),
    /** Admins' clients answer asks for the key window by themselves. Absent: a person does. */
    automatic_access: z.boolean().optional(),
  })
  .refine((policy) => toMs(policy.key_block) <= toMs(policy.key_window), {
    path: ["key_block"],
    error: "key_block must not be longer than key_window",
  })
  .refine((policy) => toMs(policy.key_window) < toMs(policy.retention), {
    path: ["key_window"],
    error: "key_window must be shorter than retention",
  })
  .refine((policy) => toMs(policy.retention) <= 10 * 365 * 86_400_000, {
    path: ["retention"],
    error: "retention must be ten years or less",
  });
export type PolicyContent = z.infer<typeof PolicyContent>;

export const Policy = defineState({
  type: "org.hearth.policy",
  words: { label: "What the organisation has decided" },
  writer: "bot",
  limit: 8 * 1024,
  schema: PolicyContent,
  example: {
    v: 1,
    name: "Example Crisis Team",
    key_block: "P1D",
    key_window: "P14D",
    retention: "P90D",
    lease: "PT72H",
    invite_expiry: "P7D",
    lock_idle: "off",
    lock_wipe_after: "off",
    online_unlock: "off",
    device_storage: "any",
  },
});

/** The policy an org starts with. */
export function defaultPolicy(name: string): PolicyContent {
  return PolicyContent.parse({ ...Policy.example, name });
}

/** The fields that `policy set` may change. */
export const POLICY_FIELDS = [
  "name",
  "key_block",
  "key_window",
  "retention",
  "lease",
  "invite_expiry",
  "lock_idle",
  "lock_wipe_after",
  "online_unlock",
  "device_storage",
  "automatic_access",
] as const;
