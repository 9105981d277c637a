import { expect, test } from "vitest";
import { TestBrowser } from "../support/browser.ts";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { journey } from "../support/journey.ts";
import type { Person } from "../support/person.ts";
import { must, token } from "../support/world.ts";

const here = journey();

async function inviteLink(roles: string[] = ["responder"], expiresIn?: string): Promise<string> {
  const { client } = await here.admin();
  const made = await must(client, "invite.create", {
    roles,
    ...(expiresIn === undefined ? {} : { expiresIn }),
  });
  return made.link;
}

/** The part of a link that a browser keeps to itself, for whichever origin stands in front. */
function fragment(link: string): string {
  return `/join/${new URL(link).hash}`;
}

async function fillJoin(person: Person, name: string, userName: string, password: string): Promise<void> {
  await person.field("Your name").fill(name);
  await person.field("User name").fill(userName);
  await person.field("Password").fill(password);
}

/** From the page that makes a recovery key to the list of requests. @returns the key */
async function keepsKey(person: Person): Promise<string> {
  await person.press("Make my recovery key");
  const key = await person.page.getByLabel("Recovery key", { exact: true }).innerText();
  await person.tick("I have kept my recovery key");
  await person.press("Continue");
  await person.seesList();
  return key;
}

test("an admin makes an invite, a newcomer in another browser joins with it and gets the role", async () => {
  const { browser } = here;
  const password = here.secret();
  const admin = await here.atBrowser("Ada Admin", "admin");
  await admin.visit("Team");
  await admin.press("Invite someone");
  await admin.tick("Dispatcher", admin.dialog);
  await admin.field("Note", admin.dialog).fill(`For the new colleague ${here.control()}`);
  await admin.press("Create link", admin.dialog);
  const link = await admin.field("Invite link", admin.dialog).inputValue();

  const newcomer = await browser.person();
  await newcomer.page.goto(link);
  await fillJoin(newcomer, "Nia Newcomer", "nia", password);
  await newcomer.press("Join");
  await newcomer.heading("Your recovery key").waitFor();
  const recoveryKey = await keepsKey(newcomer);
  // The link's secrets are gone from the address.
  expect(newcomer.page.url()).not.toContain("secret");

  // She has the role: a dispatcher opens requests.
  await newcomer.page.getByRole("link", { name: "New request" }).waitFor();
  await newcomer.visit("Team");
  await newcomer.page
    .getByRole("listitem")
    .filter({ hasText: "Nia Newcomer" })
    .getByText("Dispatcher")
    .waitFor();
  await admin.press("Done", admin.dialog);
  await admin.page
    .getByRole("listitem")
    .filter({ hasText: "Nia Newcomer" })
    .getByText("Dispatcher")
    .first()
    .waitFor();
  await newcomer.leave();

  // What she kept opens her account elsewhere.
  const again = await browser.person({ userName: "nia", password, recoveryKey });
  await again.signIn();

  // Used once, it is used up.
  const second = await browser.person();
  await second.page.goto(link);
  await second.sees(/already used, withdrawn, or has expired/);
});

test("an expired, a withdrawn and a damaged invite each have a clear message before anybody types a name", async () => {
  const { browser } = here;
  const link = await inviteLink();
  const person = await browser.person();
  await person.goTo(fragment(link).replace(/&secret=[^&]*/, ""));
  await person.sees(/part of this link is missing/);
  await person.field("Invite link").fill("https://example.org/nothing");
  await person.press("Continue");
  expect(await person.errorOf("Invite link")).toMatch(/not a whole invite link/);
  await person.field("Invite link").fill(link.slice(0, -5));
  await person.press("Continue");
  expect(await person.errorOf("Invite link")).toMatch(/not a whole invite link/);

  const withdrawn = await must((await here.admin()).client, "invite.create", { roles: ["responder"] });
  await must((await here.admin()).client, "invite.revoke", { inviteId: withdrawn.inviteId });
  await person.field("Invite link").fill(withdrawn.link);
  await person.press("Continue");
  await person.sees(/withdrawn, or has expired/);

  const late = await inviteLink(["responder"], "PT1S");
  const early = await browser.person();
  for (;;) {
    // The server's clock decides; the page is asked until it says so.
    await early.goTo("/help/");
    await early.goTo(fragment(late));
    // Not any alert: Next keeps an empty one on every page, for screen readers.
    const over = early.page.getByText(/has expired/).first();
    await early.field("Your name").or(over).first().waitFor();
    if (await over.isVisible()) break;
  }
});

test("a taken name and a weak password are said beside their fields, and nothing that was typed is lost", async () => {
  const { browser } = here;
  const link = await inviteLink();
  const person = await browser.person();
  const password = here.secret();
  await person.goTo(fragment(link));
  await fillJoin(person, "Tom Taken", "first-admin", "short");
  await person.press("Join");
  expect(await person.errorOf("Password")).toMatch(/12/);
  await person.field("Password").fill("password1234567");
  await person.press("Join");
  expect(await person.errorOf("Password")).toMatch(/guess|common|password/i);

  const taken = (await here.admin()).userName;
  await person.field("User name").fill(taken);
  await person.field("Password").fill(password);
  await person.press("Join");
  expect(await person.errorOf("User name")).toMatch(/already has that name/);
  expect(await person.field("Your name").inputValue()).toBe("Tom Taken");
  expect(await person.field("Password").inputValue()).toBe(password);

  await person.field("User name").fill("tom-not-taken");
  await person.press("Join");
  await person.heading("Your recovery key").waitFor();
  await keepsKey(person);
});

test("a join cut at each request in turn resumes after a reload", async () => {
  const { world } = here;
  const link = await inviteLink();
  await using network = await CutProxy.open(world.instance.webUrl);
  const browser = await here.withBrowser(TestBrowser.open(network.origin));
  const person = await browser.person();
  await person.goTo(fragment(link));
  await person.field("Your name").waitFor();

  // Every kind of request breaks once: on its way there, and its second time on the way back.
  const times = new Map<string, number>();
  let cuts = 0;
  network.decide = ({ method, path }) => {
    if (!path.startsWith("/_matrix/") || path.endsWith("/sync")) return PASS;
    const kind = `${method} ${path.replaceAll(/[!$@%][^/]*|aaa[^/]*|[A-Za-z0-9_-]{22,}/g, "…")}`;
    const seen = times.get(kind) ?? 0;
    times.set(kind, seen + 1);
    if (seen > 1) return PASS;
    cuts += 1;
    return { kind: seen === 0 ? "cut" : "lose" };
  };

  const password = here.secret();
  const userName = `cut-${token().slice(0, 6).toLowerCase()}`;
  const list = person.heading("Requests");
  const makeKey = person.page.getByRole("button", {
    name: /Make my recovery key|Try again|Make a new recovery key/,
  });
  const form = person.field("Your name");
  const card = person.page.getByLabel("Recovery key", { exact: true });
  const unlock = person.heading("Unlock this device");
  const goOn = person.page.getByRole("button", { name: /^(Go on joining|Look again)$/ });
  const kept = person.page.getByRole("checkbox", { name: /I have kept my recovery key/ });
  // Either the page gets on, or something breaks: then the person reloads.
  const broke = async (before: number) => {
    for (let i = 0; i < 400 && cuts === before; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  let key = "";
  for (let steps = 0; ; steps++) {
    expect(steps, "steps until the join has come through").toBeLessThan(120);
    const before = cuts;
    await list.or(makeKey).or(form).or(card).or(goOn).or(unlock).first().waitFor();
    if (await list.isVisible()) break;
    // Keeping the key takes requests too: the card stays until they are through, and is not ticked a second time.
    const hadCard = await card.isVisible();
    if (hadCard) {
      key = await card.innerText();
      if (!(await kept.isChecked())) await person.tick("I have kept my recovery key");
      await person.press("Continue");
    } else if (await unlock.isVisible()) await person.enterRecoveryKey(key);
    else if (await makeKey.isVisible()) {
      const field = person.field("Password");
      if (await field.isVisible()) await field.fill(password);
      await makeKey.click();
    } else if (await form.isVisible()) {
      await fillJoin(person, "Cut Off", userName, password);
      await person.page.getByRole("button", { name: /^(Join|Try again)$/ }).click();
    } else {
      // None of them where the page went on between two looks: the next round finds where to.
      await goOn.click({ timeout: 5_000 }).catch(() => undefined);
    }
    await Promise.race([
      broke(before),
      list.waitFor(),
      hadCard ? card.waitFor({ state: "hidden" }) : card.waitFor(),
    ]);
    if (cuts > before) {
      await person.page.reload();
      // The link's fragment is still in the address, or the join is stored.
    }
  }
  expect(cuts).toBeGreaterThan(15);
});

here.scanAtTheEnd();
