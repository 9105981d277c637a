// `npm run pictures`: the pictures in docs/, made anew from example data in a throw-away instance.
// `npm run pictures -- pages [SCENE…]`: pages to look at while working on them, in every look, into .hearth/pictures.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { dataFolder, ensureSetup, root } from "../../tools/setup/index.mjs";
import { TestBrowser } from "../support/browser.ts";
import { must, startWorld, type World } from "../support/world.ts";
import { takePages } from "./pages.ts";

const [what, ...scenes] = process.argv.slice(2);

await ensureSetup();
await main();
// Clients of the SDK that were stopped leave timers behind, which would keep this from ending.
process.exit();

async function main(): Promise<void> {
  await using world = await startWorld({ org: { id: "demo", name: "Demo Team" } });
  await using browser = await TestBrowser.open(world.instance.webUrl);
  // Awaited here: a promise that is handed on is not waited for before the world ends.
  if (what !== "pages") return await takeRequest(world, browser);
  await world.member("First Admin", ["admin"]);
  const wrong = await takePages(world, browser, join(dataFolder, "pictures"), scenes);
  console.log([...wrong, "The pictures are in .hearth/pictures."].join("\n"));
  if (wrong.length > 0) process.exitCode = 1;
}

/** The README's picture. */
async function takeRequest(world: World, browser: TestBrowser): Promise<void> {
  const folder = join(root, "docs", "pictures");
  mkdirSync(folder, { recursive: true });
  const people = await makePeople(world);
  const dispatcher = await (await browser.person(people.dispatcher)).signIn();
  const responder = await (await browser.person(people.responder)).signIn();

  await dispatcher.press("Add three example requests");
  await dispatcher.row("Example").nth(2).waitFor();
  const title = "Example: someone is shouting outside the laundromat";
  await dispatcher.openRequest({
    description: `${title}\nNobody is hurt as far as the caller can see. They would talk to us, not to the police.`,
    location: "Corner of Fifth Street and Oak Avenue",
    callerName: "Example caller",
    priority: "Urgent",
    people: ["Demo Responder 1", "Demo Responder 2"],
  });
  await responder.choosesRequest(title);
  await responder.says("I am four blocks away and can go. Is anyone with them?");
  await dispatcher.message(/four blocks/).waitFor();
  await dispatcher.says("A neighbour keeps at a distance. She waits for you at the bus stop.");
  await responder.message(/bus stop/).waitFor();
  await responder.setStatus("On the way");
  await responder.says("On the way with Demo Responder 2.");
  await dispatcher.seesStatus("On the way");
  await dispatcher.message(/On the way with/).waitFor();
  await dispatcher.everythingIsSent();
  await dispatcher.page.getByText("The request is open.").waitFor({ state: "hidden" });
  await dispatcher.page.screenshot({ path: join(folder, "request.png") });
}

/** On duty all of them, with colours of their own; none has a device but those that a browser opens. */
async function makePeople({ member }: World) {
  const made = async (name: string, role: string, colour: string) => {
    const one = await member(name, [role]);
    await must(one.client, "profile.save", { displayName: name, colour });
    await must(one.client, "duty.set", { onDuty: true });
    if (role !== "admin") await must(one.client, "session.signOut", {});
    return one;
  };
  await made("Demo Admin", "admin", "#3f6fb0");
  return {
    dispatcher: await made("Demo Dispatcher", "dispatcher", "#b5633c"),
    responder: await made("Demo Responder 1", "responder", "#3c8f5f"),
    second: await made("Demo Responder 2", "responder", "#8a4fb0"),
  };
}
