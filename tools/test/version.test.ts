import { readFileSync } from "node:fs";
import { join } from "node:path";
import { VERSION } from "@hearth/protocol";
import { expect, test } from "vitest";
import { root } from "../setup/paths.mjs";

test("the package of this tree has the version that a deployment of it serves", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(version).toBe(VERSION);
});
