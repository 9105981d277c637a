import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../../setup/paths.mjs";
import { readAllowList } from "./allowListFile.ts";
import { edgeFiles } from "./nginxEdge.ts";
import { probesFor } from "./probes.ts";

const list = readAllowList();
const files = edgeFiles(list);

describe("[P1] a production edge carries the same list", () => {
  test.each([...files.keys()])("%s is what `npm run edge` writes", (path) => {
    expect(readFileSync(join(root, path), "utf8"), "run `npm run edge`").toBe(files.get(path));
  });

  test("its patterns let every row pass and none of its neighbours", () => {
    const text = files.get("synapse-config/edge/nginx-http.conf") ?? "";
    const rules = [...text.matchAll(/^ {4}"~(.*)" ([01]);$/gm)].map(
      ([, pattern = "", verdict]) => [new RegExp(pattern), verdict === "1"] as const,
    );
    expect(rules).toHaveLength(list.requests.length + 1);
    const passes = (line: string) => rules.find(([pattern]) => pattern.test(line))?.[1] ?? false;
    for (const { kind, method, path } of probesFor(list)) {
      const line = `${method} ${path}`;
      expect([line, passes(line), passes(`${line}?limit=5`)]).toEqual([line, kind === "row", kind === "row"]);
      expect(passes(`x${line}`)).toBe(false);
    }
  });
});
