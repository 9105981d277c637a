// `npm run edge`: writes a production edge's part of the allow-list from its data. The result is committed, so that an
// operator takes it as it is; `proxy/nginxEdge.test.ts` fails when the data has changed since.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { showProblem } from "../setup/problem.mjs";
import { edgeFiles } from "./proxy/nginxEdge.ts";
import { readAllowList } from "./proxy/allowListFile.ts";
import { root } from "../setup/paths.mjs";

try {
  for (const [path, text] of edgeFiles(readAllowList())) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
} catch (error) {
  process.exitCode = showProblem(error);
}
