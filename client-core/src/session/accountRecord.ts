/** Whose session is stored, and what its device is. */
export type Account = {
  readonly userId: string;
  readonly deviceId: string;
  /** The device's public Ed25519 key: what a wipe record names it by. Unknown until the crypto store was opened. */
  readonly deviceKey?: string;
  /** The crypto store was opened at least once: if it is missing later, the browser threw it away. */
  readonly cryptoMade: boolean;
  /** `done` once this device was seen signed and the recovery key kept; a start then needs no network. */
  readonly encryption: "check" | "done";
  /** The sentence of a lock, kept so that a reload shows nothing either. */
  readonly locked?: string;
};
