// A Chromium for the journeys: one that is there, or else one that can be fetched without asking anybody anything.
import { execFile } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { dataFolder, Problem, runChild } from "./setup/index.mjs";

const run = promisify(execFile);
const remembered = join(dataFolder, "browser.json");
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const places = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** What Chromium is started with. Nothing here weakens a page: the sandbox goes only where Chromium refuses to run with it. */
export const launchArguments = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * The path of a Chromium that starts: HEARTH_CHROMIUM, the one found last time, an installed browser, Playwright's own
 * download, or the system's package, in this order.
 * @param {(text: string) => void} [progress] takes what is being fetched
 * @returns {Promise<string>}
 * @throws {Problem} with a sentence that says what to do, when none can be had
 */
export async function ensureBrowser(progress = () => {}) {
  const asked = process.env["HEARTH_CHROMIUM"];
  if (asked) {
    if (await starts(asked)) return asked;
    throw new Problem(
      `HEARTH_CHROMIUM is ${asked}, which does not start: set it to a Chromium, or unset it.`,
    );
  }
  for (const path of await candidates()) {
    if (await starts(path)) return remember(path);
  }
  for (const fetchOne of [fetchPlaywrights, installSystems]) {
    const path = await fetchOne(progress).catch(() => undefined);
    if (path && (await starts(path))) return remember(path);
  }
  throw new Problem(
    "No Chromium was found, and none could be installed: install Chromium or Chrome (on Debian and Ubuntu: sudo apt install chromium), or set HEARTH_CHROMIUM to its path, and run the same command again.",
  );
}

/** @returns {Promise<string[]>} */
async function candidates() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  const all = [lastTime(), ...onPath, ...places, await playwrightsPath()];
  return [...new Set(all)].filter((path) => path !== undefined).filter(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Asked once in each process: a test that opens many browsers would fail if one answer took too long. */
const started = new Set();

/**
 * A file called chromium may be a stub that only points to a store, or miss its libraries.
 * @param {string} path
 */
async function starts(path) {
  if (!existsSync(path)) return false;
  // On Windows the flag opens a window instead of answering.
  if (process.platform === "win32" || started.has(path)) return true;
  try {
    const { stdout } = await run(path, ["--version"], { timeout: 60_000 });
    if (!/\d+\.\d+/.test(stdout)) return false;
    started.add(path);
    return true;
  } catch {
    return false;
  }
}

function lastTime() {
  try {
    const { path } = JSON.parse(readFileSync(remembered, "utf8"));
    return typeof path === "string" ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} path */
function remember(path) {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  writeFileSync(remembered, `${JSON.stringify({ path })}\n`);
  return path;
}

/** @returns {Promise<string | undefined>} where Playwright keeps the browser that it downloads */
async function playwrightsPath() {
  try {
    const { chromium } = await import("playwright-core");
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/** @param {(text: string) => void} progress */
async function fetchPlaywrights(progress) {
  const cli = fileURLToPath(new URL("cli.js", import.meta.resolve("playwright-core/package.json")));
  await runChild(process.execPath, [cli, "install", "--no-shell", "chromium"], { progress, otherwise: "" });
  return playwrightsPath();
}

/**
 * Only where nobody has to type a password.
 * @param {(text: string) => void} progress
 */
async function installSystems(progress) {
  if (process.platform !== "linux" || !existsSync("/usr/bin/apt-get")) return undefined;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  /** @param {string[]} args */
  const aptGet = (...args) => {
    const [command = "", ...rest] = [...asRoot, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    return runChild(command, rest, { progress, otherwise: "" });
  };
  await aptGet("update");
  await aptGet("install", "--yes", "--no-install-recommends", "chromium");
  return "/usr/bin/chromium";
}
