import type {} from "../../../../../../../client-core/src/features/requests/projection.ts";
