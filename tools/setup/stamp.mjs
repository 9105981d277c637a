// Stamps: a hash of what a step was made from, so that it is skipped while that stays the same.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stampFolder } from "./paths.mjs";

/**
 * @param {string} name
 * @param {string} hash
 */
export function isStamped(name, hash) {
  try {
    return readFileSync(join(stampFolder, name), "utf8") === hash;
  } catch {
    return false;
  }
}

/**
 * @param {string} name
 * @param {string} hash
 */
export function writeStamp(name, hash) {
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(join(stampFolder, name), hash);
}

/** @param {string} name */
export function clearStamp(name) {
  rmSync(join(stampFolder, name), { force: true });
}

/** @param {string[]} parts */
export function hashText(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex");
}

/**
 * A hash of names and contents of all files below the given folders and files; what is built or installed is left out.
 * @param {string[]} places absolute paths
 */
export function hashFiles(places) {
  const hash = createHash("sha256");
  for (const place of places) addPlace(hash, place);
  return hash.digest("hex");
}

const leftOut = new Set([
  "node_modules",
  ".next",
  "out",
  "coverage",
  "next-env.d.ts",
  "tsconfig.tsbuildinfo",
]);

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} place
 */
function addPlace(hash, place) {
  let entries;
  try {
    entries = readdirSync(place, { withFileTypes: true });
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    if (code === "ENOTDIR") hash.update(`${place}\n`).update(readFileSync(place));
    else if (code !== "ENOENT") throw error;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    // Tests don't go into what is built.
    if (leftOut.has(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
    addPlace(hash, join(place, entry.name));
  }
}
