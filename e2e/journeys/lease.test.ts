import { expect, test } from "vitest";
import { TestBrowser } from "../support/browser.ts";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { journey } from "../support/journey.ts";
import { until } from "../support/server.ts";
import { must, roomOf } from "../support/world.ts";

const here = journey();
/** The admin has it too, for a moment: no stall of the machine may be longer than that. */
const LEASE_MS = 25_000;

/** Somebody at a browser behind a network that can be cut, with a request that they can read. */
async function atCuttableBrowser(name: string) {
  const network = await CutProxy.open(here.world.instance.webUrl);
  const browser = await here.withBrowser(TestBrowser.open(network.origin));
  const account = await here.member(name, "responder");
  const admin = await here.admin();
  const person = await (await browser.person(account)).signIn();
  const title = `A flooded cellar ${here.secret()}`;
  await must(admin.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  await person.choosesRequest(title);
  /** The policy reaches the device, as the message that follows shows; for the others it is soon as long as before. */
  const getsShortLease = async () => {
    await must(admin.client, "policy.set", { lease: `PT${LEASE_MS / 1000}S` });
    const words = `The lease is short now ${here.secret()}`;
    await must(admin.client, "chat.send", { roomId: await roomOf(admin.client, title), body: words });
    await person.message(words).waitFor();
  };
  const cut = () => {
    // The page itself still comes, as it would from a browser that keeps it.
    network.decide = ({ path }) =>
      path.startsWith("/_matrix") || path === "/clear-site-data" ? { kind: "cut" } : PASS;
    return must(admin.client, "policy.set", { lease: "PT72H" });
  };
  return { network, person, title, getsShortLease, cut };
}

test("[P7] a browser that was out of contact for its lease has destroyed its keys before it shows anything", async () => {
  const { network, person, title, getsShortLease, cut } = await atCuttableBrowser("Rio Responder");
  await using _ = network;
  await getsShortLease();
  await person.page.goto("about:blank");
  const left = Date.now();
  await cut();
  await until("the lease has run out", () => Promise.resolve(Date.now() - left > LEASE_MS));
  await person.goTo("/requests/");
  const seen: string[] = [];
  const heading = person.heading("Sign in");
  while (!(await heading.isVisible())) seen.push(await person.reads());
  expect(seen.filter((text) => text.includes(title))).toEqual([]);
  await person.sees(/destroyed its keys before showing anything/);
  expect(await person.stored()).toEqual([]);
  // Nothing of the team's is lost: with the network back, the recovery key lets them in as a new device.
  network.decide = () => PASS;
  await person.signIn();
  await person.row(title).waitFor();
});

test("[P7] a browser that stays open is no exception, and one within its lease goes on without a network", async () => {
  const { network, person, title, getsShortLease, cut } = await atCuttableBrowser("Rita Responder");
  await using _ = network;
  network.decide = ({ path }) => (path.startsWith("/_matrix") ? { kind: "cut" } : PASS);
  await person.page.reload();
  await person.seesRequest(title);
  network.decide = () => PASS;
  await person.page.reload();
  await person.seesRequest(title);
  await getsShortLease();
  await cut();
  await person.heading("Sign in").waitFor();
  await person.sees(/destroyed its keys before showing anything/);
  expect(await person.stored()).toEqual([]);
});

here.scanAtTheEnd();
