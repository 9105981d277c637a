export type * from "./access.ts";
export type * from "./commands.ts";
export type * from "./outcome.ts";
export type * from "./people.ts";
export type * from "./port.ts";
export type * from "./views.ts";
