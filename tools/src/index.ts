export { startInstance } from "./instance.ts";
export type { Instance, InstanceOptions } from "./instance.ts";
