import type { Here } from "./client-core-has-no-cycles-of-types-either.ts";
export type There = { here?: Here };
