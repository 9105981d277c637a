// What the machine must have before anything is installed.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
// As namespaces: a Node that lacks one of their functions must get as far as being told that it is too old.
import * as files from "node:fs/promises";
import { promisify } from "node:util";
import { root } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const oldestNode = 20;
const oldestPython = [3, 10];
/** Packages, Synapse and the web build take about 1.2 GB. */
const neededToInstall = 2e9;
/** With less, the database may stop in the middle of a write. */
const neededToRun = 3e8;
const run = promisify(execFile);

/** The Node that runs the launcher itself; the parts run on the one that npm installs. */
export function ensureNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < oldestNode)
    throw new Problem(
      `Node ${process.versions.node} is too old: install Node ${oldestNode} or newer (https://nodejs.org, or your system's package manager), and run the same command again.`,
    );
}

/**
 * @param {"install" | "run"} [purpose] a second start needs little
 */
export async function ensureDiskSpace(purpose = "install") {
  const needed = purpose === "install" ? neededToInstall : neededToRun;
  const { bavail, bsize } = await files.statfs(root);
  const free = bavail * bsize;
  if (free < needed)
    throw new Problem(
      `There are only ${(free / 1e9).toFixed(1)} GB free on this disk: free at least ${needed / 1e9} GB, and run the same command again.`,
    );
}

/**
 * Finds a Python that is new enough and can make virtual environments. On Linux the distribution's own comes
 * before what else is on the path: Python that a version manager compiled without profiling ran Synapse's kind of work
 * 1.6 times slower (measured).
 * @returns {Promise<{ command: string, version: string }>}
 */
export async function findPython() {
  const asked = process.env["HEARTH_PYTHON"];
  const own = process.platform === "linux" ? ["/usr/bin/python3"] : [];
  const candidates = asked
    ? [asked]
    : [...own, "python3", "python3.13", "python3.12", "python3.14", "python3.11", "python3.10", "python"];
  /** @type {string | undefined} */
  let withoutVenv;
  /** @type {string | undefined} */
  let tooOld;
  for (const command of candidates) {
    const version = await pythonVersion(command);
    if (version === undefined) continue;
    if (!isNewEnough(version)) tooOld ??= version;
    else if (await makesEnvironments(command)) return { command, version };
    else withoutVenv ??= version;
  }
  if (withoutVenv) throw withoutVenvModule(withoutVenv);
  const where =
    "install Python 3.10 or newer (on Debian and Ubuntu: sudo apt install python3 python3-venv; on macOS: brew install python), and run the same command again.";
  if (asked) throw new Problem(`HEARTH_PYTHON is ${asked}, which is not a Python 3.10 or newer: ${where}`);
  if (tooOld) throw new Problem(`Python ${tooOld} is too old: ${where}`);
  throw new Problem(`Python was not found: ${where}`);
}

/** @param {string} command */
async function pythonVersion(command) {
  try {
    const { stdout } = await run(command, ["-c", "import platform; print(platform.python_version())"]);
    return stdout.trim();
  } catch {
    return undefined;
  }
}

/** @param {string} version */
function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = oldestPython;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** @param {string} command */
async function makesEnvironments(command) {
  try {
    await run(command, ["-c", "import venv, ensurepip"]);
    return true;
  } catch {
    return false;
  }
}

/**
 * Debian takes `venv`'s working half out into a package of its own.
 * @param {string} version
 */
function withoutVenvModule(version) {
  const minor = version.split(".").slice(0, 2).join(".");
  const hint = existsSync("/etc/debian_version")
    ? `run: sudo apt install python3-venv (or python${minor}-venv)`
    : "install your system's package for Python's venv module";
  return new Problem(
    `Python ${version} can't make virtual environments here: ${hint}, and run the same command again.`,
  );
}
