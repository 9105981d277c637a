import type { VerificationView } from "@hearth/client-core/contract.ts";

export type Other = NonNullable<VerificationView["other"]>;

/** What to call the other in the middle of a sentence. */
export const called = (other: Other): string => (other.self ? "your other device" : other.name);
