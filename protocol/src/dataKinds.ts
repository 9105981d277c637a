/** The three kinds of data (system, org, sensitive): see docs/encryption.md. */
export const DATA_KINDS = ["system", "org", "sensitive"] as const;
export type DataKind = (typeof DATA_KINDS)[number];
