import type { WipeMode, WipeRefusal } from "@hearth/protocol";

/** What the person reads on a device that was wiped. */
export const WIPED: Readonly<Record<WipeMode, string>> = {
  keys: "An admin of your team had the keys on this device destroyed. Nothing of your team’s can be read here any more, and what this device had not sent yet is gone. You are still a member: sign in to go on. This browser then counts as a new device, so have your recovery key or another device of yours at hand.",
  sign_out:
    "An admin of your team had this device signed out, and all that Hearth kept on it destroyed. Nothing of your team’s can be read here any more, and what it had not sent yet is gone. If you don’t know why, ask an admin.",
};

/** Why an order to destroy this device's keys was not followed. */
export const IGNORED: Readonly<Record<WipeRefusal | "not_encrypted", string>> = {
  malformed: "it has no form that Hearth knows",
  other_org: "it is for another organisation",
  other_device: "it is for another device, or for this one with older keys",
  not_an_admin: "whoever signed it is no admin on the list that this device has checked",
  former_admin: "whoever signed it is no admin any more",
  bad_signature: "its signature does not hold",
  not_encrypted: "it came unencrypted, as no Hearth sends it",
};
