import { requestProjection } from "../features/requests/projection.ts";
import type { AnyProjection } from "../rooms/projection.ts";

/** Every kind of room whose log is folded. */
export const PROJECTIONS: readonly AnyProjection[] = [requestProjection];
