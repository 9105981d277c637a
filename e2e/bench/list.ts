import type { TestBrowser } from "../support/browser.ts";
import { must, waitForView, type World } from "../support/world.ts";

export const ROOMS = 200;
const RELOADS = 5;

export type ListFigures = {
  /** First load after the requests arrived: the browser joins their rooms, reads and folds them. */
  readonly coldFirstRow: number;
  readonly coldAllRows: number;
  readonly warmAllRows: number[];
};

/**
 * Milliseconds from page load until the request list shows its first row, and all of them, each with its title.
 * The requests are opened by somebody else while this browser is shut.
 */
export async function measureList(
  world: World,
  browser: TestBrowser,
  progress: (text: string) => void,
): Promise<ListFigures> {
  const dispatcher = await world.member("Bench Dispatcher", ["dispatcher"]);
  const reader = await world.member("Bench Reader", ["responder"]);
  // Nobody else's client is to take part: only the browser that is measured works on what arrives.
  for (const member of [reader, world.adminMember]) await must(member.client, "session.signOut", {});
  const person = await (await browser.person(reader)).signIn();
  const context = person.page.context();
  await person.page.close();

  for (let i = 1; i <= ROOMS; i++) {
    const description = `Example request ${i}\nWhat a caller said, in a sentence or two of the usual length.`;
    const fields = { description, location: `Example street ${i}` };
    await must(dispatcher.client, "request.open", { fields, invite: [reader.userId] });
    if (i % 10 === 0) {
      progress(`${i} of ${ROOMS} requests`);
      await waitForView(dispatcher.client, "outbox", (v) => v.waiting === 0, "requests sent", 120_000);
    }
  }

  progress("cold load");
  const page = await context.newPage();
  const load = async (go: () => Promise<unknown>) => {
    await go();
    return page.evaluate(waitForRows, ROOMS);
  };
  const cold = await load(() => page.goto(`${person.origin}/requests/`, { waitUntil: "commit" }));
  const warmAllRows: number[] = [];
  for (let i = 0; i < RELOADS; i++) {
    progress(`warm load ${i + 1}`);
    const warm = await load(() => page.reload({ waitUntil: "commit" }));
    warmAllRows.push(warm.all);
  }
  await browser.everybodyLeaves();
  return { coldFirstRow: cold.first, coldAllRows: cold.all, warmAllRows };
}

/** Runs in the page: `performance.now()` counts from the beginning of its load. */
async function waitForRows(wanted: number): Promise<{ first: number; all: number }> {
  let first: number | undefined;
  for (;;) {
    const rows = document.querySelectorAll('ul[aria-label="Requests"] > li');
    const readable = [...rows].filter((row) => row.textContent.includes("Example request")).length;
    if (readable > 0) first ??= performance.now();
    if (first !== undefined && readable >= wanted) return { first, all: performance.now() };
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}
