import type { Page } from "playwright-core";
import type { TestBrowser } from "../support/browser.ts";
import { must, type World } from "../support/world.ts";

const WARM_UP = 5;
export const MESSAGES = 50;

/** Milliseconds from pressing Enter in one browser until the message stands, decrypted, in the other. */
export async function measureSend(
  world: World,
  browser: TestBrowser,
  progress: (text: string) => void,
): Promise<number[]> {
  const [sender, receiver] = [
    await world.member("Bench Sender", ["dispatcher"]),
    await world.member("Bench Receiver", ["responder"]),
  ];
  for (const member of [sender, receiver]) await must(member.client, "session.signOut", {});
  const [from, to] = [
    await (await browser.person(sender)).signIn(),
    await (await browser.person(receiver)).signIn(),
  ];
  const title = "Example: how long it takes";
  await from.openRequest({ description: title, people: [receiver.displayName] });
  await to.choosesRequest(title);

  const times: number[] = [];
  for (let i = 0; i < WARM_UP + MESSAGES; i++) {
    progress(`message ${i + 1} of ${WARM_UP + MESSAGES}`);
    const words = `Example message number ${i}.`;
    await from.composer.fill(words);
    const arrival = await watchFor(to.page, words);
    const begun = await watchForEnter(from.page);
    await from.composer.press("Enter");
    const took = (await arrival()) - (await begun());
    if (i >= WARM_UP) times.push(took);
    await from.everythingIsSent();
  }
  await browser.everybodyLeaves();
  return times;
}

/** Starts to look for words in the conversation. @returns waits until they stand there; gives the time of the clock */
async function watchFor(page: Page, words: string): Promise<() => Promise<number>> {
  const handle = await page.evaluateHandle((wanted) => {
    const log = document.querySelector("[role=log]");
    if (!log) throw new Error("no conversation on the page");
    return {
      at: new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          if (!log.textContent.includes(wanted)) return;
          observer.disconnect();
          resolve(performance.timeOrigin + performance.now());
        });
        observer.observe(log, { childList: true, subtree: true, characterData: true });
      }),
    };
  }, words);
  return () => handle.evaluate((watch) => watch.at);
}

async function watchForEnter(page: Page): Promise<() => Promise<number>> {
  const handle = await page.evaluateHandle(() => ({
    at: new Promise<number>((resolve) => {
      const listener = (event: KeyboardEvent) => {
        if (event.key !== "Enter") return;
        window.removeEventListener("keydown", listener, true);
        resolve(performance.timeOrigin + performance.now());
      };
      window.addEventListener("keydown", listener, true);
    }),
  }));
  return () => handle.evaluate((watch) => watch.at);
}
