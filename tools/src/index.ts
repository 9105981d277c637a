export { startInstance } from "./instance.ts";
export type { Instance, InstanceOptions } from "./instance.ts";
export { freePorts } from "./instance/ports.ts";
