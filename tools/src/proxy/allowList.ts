// What browsers may ask of the homeserver: the rows of synapse-config/allow-list.json, and nothing else. The Synapse
// module guards what goes into rooms; this list guards what no module sees (account data, device names, tags, push
// rules, uploads, profiles, reports), where a client's mistake would put plaintext on the server, and keeps the admin
// API out of reach.
import { wholly } from "./allowListFile.ts";
import type { AllowList } from "./allowListFile.ts";

type Check = (segment: string) => boolean;

/** Whether a request is on the list; `segments` are those of its path, decoded, from `plainPath`. */
export type IsAllowed = (method: string, segments: readonly string[]) => boolean;

/** @param list from `readAllowList`, which has seen to it that every parameter is there */
export function allowing({ parameters, requests }: AllowList): IsAllowed {
  const checks = new Map<string, Check>();
  for (const { name, pattern } of parameters.values()) {
    const whole = wholly(pattern);
    checks.set(`{${name}}`, (segment) => whole.test(segment));
  }
  const rules = requests.map(({ methods, path }) => ({
    methods: new Set<string>(methods),
    segments: path
      .slice(1)
      .split("/")
      .map((part): Check => checks.get(part) ?? ((segment) => segment === part)),
  }));
  return (method, segments) =>
    rules.some(
      (rule) =>
        rule.methods.has(method) &&
        rule.segments.length === segments.length &&
        rule.segments.every((check, index) => check(segments[index] ?? "")),
    );
}
