import { expect, test } from "vitest";
import { shorten } from "./logLines.ts";

test("the homeserver's warnings are shown short, its routine and the bodies of tracebacks are not", () => {
  expect(
    shorten("homeserver", "2026-01-02 10:20:30,456 WARNING synapse.http.site Lost connection to client"),
  ).toBe("10:20:30 homeserver warning: Lost connection to client (http.site)");
  expect(
    shorten("homeserver", "2026-01-02 10:20:30,456 INFO    synapse.http.site all is well"),
  ).toBeUndefined();
  expect(shorten("homeserver", "  File x, line 3")).toBeUndefined();
  const dropped =
    "2026-01-02 10:20:30,456 WARNING synapse.http.server Not sending response to request <X> already disconnected.";
  expect(shorten("homeserver", dropped)).toBeUndefined();
});

test("of the web server failures and refusals are shown", () => {
  const line = (status: string) => `2026-01-02T10:20:30.456Z PUT /_matrix/client/v3/devices/A ${status} 2 ms`;
  expect(shorten("web", line("403"))).toBe("10:20:30 web        PUT /_matrix/client/v3/devices/A 403 2 ms");
  expect(shorten("web", line("502"))).toBeDefined();
  expect(shorten("web", line("200"))).toBeUndefined();
  expect(shorten("web", line("200 cut"))).toBeUndefined();
});

test("the bots' own words are shown, and their line for machines is not", () => {
  expect(shorten("bots", "2026-01-02T10:20:30.456Z info  bots sam joined")).toBe(
    "10:20:30 bots       sam joined",
  );
  expect(shorten("bots", "2026-01-02T10:20:30.456Z warn  bots slow")).toBe("10:20:30 bots       warn: slow");
  expect(shorten("bots", '{"ready":true}')).toBeUndefined();
  expect(shorten("bots", "TypeError: x")).toBe("         bots       TypeError: x");
});

test("long lines are cut", () => {
  expect(shorten("bots", "x".repeat(1000))).toHaveLength(180);
});
