export { startInstance } from "./instance.ts";
export type { Instance, InstanceOptions } from "./instance.ts";
export { freePorts } from "./instance/ports.ts";
export { readAllowList } from "./proxy/allowListFile.ts";
export { PROBE_KINDS, wrongAnswers } from "./proxy/probes.ts";
