import { readFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, extname, join } from "node:path";
import type { Page, Route } from "playwright-core";
import type { Profile } from "../profile.ts";
import type { Report, Rows, Saved } from "./report.ts";

export type { Report, Saved, SavedEvent } from "./report.ts";

const FOLDER = "/second-program/";
const library = dirname(createRequire(import.meta.url).resolve("@matrix-org/matrix-sdk-crypto-wasm"));
const PAGE = `<!doctype html><title>Another program</title>
<script type="importmap">{"imports":{"@matrix-org/matrix-sdk-crypto-wasm":"${FOLDER}library/index.mjs"}}</script>
<script type="module" src="${FOLDER}inPage.ts"></script>`;
const TYPES: Readonly<Record<string, string>> = {
  ".mjs": "text/javascript",
  ".js": "text/javascript",
  ".ts": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * A program that is not Hearth, on a page of Hearth's origin, in a browser on Hearth's profile: the browser gives it
 * everything that it would give Hearth.
 */
export function looksInto(profile: Profile, origin: string, saved: Saved): Promise<Report> {
  return besideHearth(profile, origin, (page) => page.evaluate((arg) => secondProgram.look(arg), saved));
}

/** The rows of the sessions that open these events. */
export function rowsOf(profile: Profile, origin: string, saved: Saved): Promise<Rows> {
  return besideHearth(profile, origin, (page) => page.evaluate((arg) => secondProgram.rowsOf(arg), saved));
}

/**
 * Puts sessions into the crypto store, exported ones as JSON, in batches.
 * @returns milliseconds that the crypto library needs to export all that is in it then
 */
export function fills(
  profile: Profile,
  origin: string,
  saved: Saved,
  batches: readonly string[],
): Promise<number> {
  const arg = { saved, batches };
  return besideHearth(profile, origin, (page) =>
    page.evaluate(({ saved: by, batches: all }) => secondProgram.fill(by, all), arg),
  );
}

declare const secondProgram: {
  look(saved: Saved): Promise<Report>;
  rowsOf(saved: Saved): Promise<Rows>;
  fill(saved: Saved, batches: readonly string[]): Promise<number>;
};

/** On a page of Hearth's origin that is not Hearth's, while Hearth does not run. */
export async function besideHearth<T>(
  profile: Profile,
  origin: string,
  work: (page: Page) => Promise<T>,
): Promise<T> {
  const browser = await profile.open();
  try {
    const page = await browser.page();
    await page.route(`${origin}${FOLDER}**`, serve);
    await page.goto(origin + FOLDER);
    await page.waitForFunction(() => "secondProgram" in globalThis);
    return await work(page);
  } finally {
    await browser.close();
  }
}

async function serve(route: Route): Promise<void> {
  const path = new URL(route.request().url()).pathname.slice(FOLDER.length);
  if (path === "") return route.fulfill({ contentType: "text/html", body: PAGE });
  const isLibrary = path.startsWith("library/");
  const file = isLibrary ? join(library, path.slice("library/".length)) : join(import.meta.dirname, path);
  const contentType = TYPES[extname(file)] ?? "text/plain";
  const body = await readFile(file);
  await route.fulfill({
    contentType,
    body: extname(file) === ".ts" ? stripTypeScriptTypes(body.toString()) : body,
  });
}
