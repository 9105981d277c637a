// The web client, built only when what it is built from has changed.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { nodeCommand } from "./install.mjs";
import { root, webBuildFolder } from "./paths.mjs";
import { runChild } from "./runChild.mjs";
import { clearStamp, hashFiles, isStamped, writeStamp } from "./stamp.mjs";

const sources = [
  "client-web",
  "client-core/src",
  "client-core/package.json",
  "protocol/src",
  "protocol/package.json",
  "package-lock.json",
];

/**
 * @param {(text: string) => void} progress
 * @returns {Promise<"built" | "already there">}
 */
export async function ensureWebBuild(progress) {
  const wanted = hashFiles(sources.map((place) => join(root, place)));
  if (isStamped("web-build", wanted) && existsSync(join(webBuildFolder, "index.html")))
    return "already there";
  clearStamp("web-build");
  await runChild(nodeCommand(), [join(root, "node_modules", "next", "dist", "bin", "next"), "build"], {
    cwd: join(root, "client-web"),
    env: { NEXT_TELEMETRY_DISABLED: "1", NODE_ENV: "production" },
    progress,
    otherwise:
      "The web client could not be built. The lines above say where; mend that, and run the same command again.",
  });
  writeStamp("web-build", wanted);
  return "built";
}
