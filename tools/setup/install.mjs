// npm packages. `npm install`, not `npm ci`: a lock file written on one platform may lack another's optional
// packages, and `npm ci` then refuses. That the versions are the pinned ones is checked here instead.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureDiskSpace } from "./machine.mjs";
import { root } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { runChild } from "./runChild.mjs";

/** @typedef {{ name?: string, version?: string, workspaces?: string[], dependencies?: Record<string, string>, devDependencies?: Record<string, string> }} Manifest */

/** @returns {string} the Node that runs everything but the launcher */
export function nodeCommand() {
  const installed = join(
    root,
    "node_modules",
    "node",
    "bin",
    process.platform === "win32" ? "node.exe" : "node",
  );
  if (existsSync(installed)) return installed;
  // Its install script was not allowed to run (a setting of newer npm); a new enough Node of the machine will do.
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  throw new Problem(
    "Node 24 was not installed although npm says it was: run `npm rebuild node` (npm may ask you to allow its install script), and run the same command again.",
  );
}

/**
 * @param {(text: string) => void} progress
 * @returns {Promise<"installed" | "already there">}
 */
export async function ensureInstall(progress) {
  const wrong = wrongVersions();
  if (wrong.length === 0) {
    nodeCommand();
    return "already there";
  }
  await ensureDiskSpace();
  const npm = npmCommand();
  await runChild(npm.command, [...npm.args, "install", "--no-audit", "--no-fund", "--loglevel=http"], {
    progress: (line) => progress(line.replace(/^npm http (fetch|cache) (GET \d+ )?/, "")),
    otherwise:
      "npm could not install the packages. The lines above say why; when that is mended, run the same command again.",
  });
  const still = wrongVersions();
  if (still.length > 0)
    throw new Problem(
      "npm installed other versions than the pinned ones. Remove the folder node_modules, and run the same command again.",
      still,
    );
  nodeCommand();
  return "installed";
}

/** The npm that runs us, if one does: the one on the PATH may be another, or none. */
function npmCommand() {
  const script = process.env["npm_execpath"];
  if (script?.endsWith(".js")) return { command: process.execPath, args: [script] };
  return { command: process.platform === "win32" ? "npm.cmd" : "npm", args: [] };
}

/**
 * Direct dependencies of the project and its workspaces that are missing, or not of the pinned version.
 * @returns {string[]}
 */
export function wrongVersions() {
  const top = readManifest(root);
  if (!top) throw new Problem("package.json is missing: run this inside a clone of Hearth.");
  const folders = ["", ...(top.workspaces ?? [])];
  return folders.flatMap((folder) => {
    const manifest = readManifest(join(root, folder));
    if (!manifest) return [];
    const wanted = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    return wanted.flatMap(([name, version]) => {
      const found =
        readManifest(join(root, folder, "node_modules", name)) ??
        readManifest(join(root, "node_modules", name));
      if (!found) return [`${name} ${version} is not installed`];
      if (/^\d/.test(version) && found.version !== version)
        return [`${name} is ${found.version}, but ${version} is pinned`];
      return [];
    });
  });
}

/**
 * @param {string} folder
 * @returns {Manifest | undefined}
 */
function readManifest(folder) {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  } catch {
    return undefined;
  }
}
