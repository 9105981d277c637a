/**
 * The version that a deployment of this tree serves: web client, bots and `npm start` all have it from here, and the web
 * client's build writes it beside the pages (`VERSION_PATH`). It is raised with each release, so that a client which was
 * not reloaded learns that there is another to reload to.
 */
export const VERSION = "0.2.0";

/** Where an origin says which version it serves, as JSON: `{ "version": "0.1.0" }`. */
export const VERSION_PATH = "/version.json";

const FORM = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})$/;

/** Whether one version comes after another. What is no version (three numbers with dots) comes after none. */
export function isLaterVersion(one: unknown, than: string = VERSION): boolean {
  const [a, b] = [numbersOf(one), numbersOf(than)];
  if (!a || !b) return false;
  const differs = a.findIndex((number, i) => number !== b[i]);
  return differs >= 0 && (a[differs] ?? 0) > (b[differs] ?? 0);
}

function numbersOf(version: unknown): number[] | undefined {
  const found = typeof version === "string" ? FORM.exec(version) : null;
  return found ? found.slice(1).map(Number) : undefined;
}
