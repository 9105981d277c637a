import type { TestBrowser } from "../support/browser.ts";
import { must, waitForView, type World } from "../support/world.ts";

export const WIPES = 10;

/** Milliseconds from an admin's order until their client knows that a browser, online, has destroyed its keys. */
export async function measureWipe(
  world: World,
  browser: TestBrowser,
  progress: (text: string) => void,
): Promise<number[]> {
  const account = await world.member("Bench Wiped", ["responder"]);
  await must(account.client, "session.signOut", {});
  const admin = world.adminMember;
  const times: number[] = [];
  for (let i = 0; i < WIPES; i++) {
    progress(`wipe ${i + 1} of ${WIPES}`);
    const person = await (await browser.person(account)).signIn();
    const begun = performance.now();
    await must(admin.client, "wipe.start", { userId: account.userId, mode: "keys" });
    await waitForView(
      admin.client,
      "wipes",
      ({ orders }) => orders.length === i + 1 && orders.every(({ state }) => state === "acknowledged"),
      "the browser has answered",
    );
    times.push(performance.now() - begun);
    await person.heading("Sign in").waitFor();
    await person.leave();
  }
  return times;
}
