import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DemoStore } from "./accounts.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-demo-"));
  path = join(folder, "demo.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what was known of a person when a start broke off is known at the next", () => {
  const password = new DemoStore(path).passwordFor("demo-admin");
  expect(password).toMatch(/^([a-z2-9]{4}-){3}[a-z2-9]{4}$/);
  new DemoStore(path).keepRecoveryKey("demo-admin", "key");
  const again = new DemoStore(path);
  expect(again.passwordFor("demo-admin")).toBe(password);
  expect(again.recoveryKeyFor("demo-admin")).toBe("key");
  expect(again.recoveryKeyFor("demo-exporter")).toBeUndefined();
});

test("accounts keep the people's order, whoever comes first, and are their owner's alone", () => {
  const store = new DemoStore(path);
  for (const name of ["demo-exporter", "demo-admin", "demo-responder-1"])
    store.add({ role: "any", userId: `@${name}:server`, password: "p", recoveryKey: "k" });
  expect(new DemoStore(path).accounts.map(({ userId }) => userId)).toEqual([
    "@demo-admin:server",
    "@demo-responder-1:server",
    "@demo-exporter:server",
  ]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
