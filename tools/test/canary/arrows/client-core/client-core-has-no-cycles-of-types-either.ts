import type { There } from "./client-core-has-no-cycles-of-types-either-back.ts";
export type Here = { there?: There };
