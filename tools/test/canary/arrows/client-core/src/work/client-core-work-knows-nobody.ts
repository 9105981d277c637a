import type {} from "../../client-core-has-no-screen.ts";
