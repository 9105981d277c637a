import { expect, test } from "vitest";
import { LOOKS, problems, setLook } from "../support/axe.ts";
import { journey } from "../support/journey.ts";
import type { Person } from "../support/person.ts";
import { must } from "../support/world.ts";

const here = journey();

/** If it fails, it says what stands on these people's pages: why a grant does not come, only the giver's may say. */
async function telling(people: readonly Person[], step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    const pages = await Promise.all(
      people.map(async (person) => `— ${person.account.userName} reads:\n${await person.reads()}`),
    );
    throw new Error([String(error), ...pages].join("\n"), { cause: error });
  }
}

test("[P3] [P6] somebody asks for what is no longer kept, an admin gives it, it is read, and ends", async () => {
  const { client } = await here.admin();
  const boss = await here.atBrowser("Ada Admin", "admin");
  const dispatcher = await here.atBrowser("Dora Dispatcher", "dispatcher");
  const title = `A fallen tree ${here.secret()}`;
  await dispatcher.openRequest({ description: title });
  const words = `It lies across the path ${here.secret()}`;
  await dispatcher.says(words);
  await dispatcher.everythingIsSent();
  await boss.choosesRequest(title);
  await boss.message(words).waitFor();

  await must(client, "policy.set", { key_block: "PT2S", key_window: "PT6S" });
  await dispatcher.message(words).waitFor({ state: "detached" });
  await dispatcher.sees(/no longer kept on this device/);

  await dispatcher.press("Ask for access");
  await dispatcher.dialog.waitFor();
  const reason = `I have to write the report ${here.secret()}`;
  await dispatcher.field("In your words", dispatcher.dialog).fill(reason);
  // As wide as a phone and back: what is written there stays.
  expect(await problems(dispatcher, "asking in a conversation")).toEqual([]);
  await setLook(dispatcher.page, LOOKS[0]);
  await dispatcher.press("Ask", dispatcher.dialog);
  await dispatcher.sees("You asked for access. Nobody has answered yet.");

  await boss.page.getByText("Dora Dispatcher asks for access to older messages.").waitFor();
  await boss.page.getByRole("link", { name: "Look at it" }).click();
  await boss.sees(new RegExp(reason));
  await boss.sees(/signed by its owner/);
  expect(await problems(boss, "an ask")).toEqual([]);
  await boss.press(/^Give…/);
  expect(await problems(boss, "giving")).toEqual([]);
  await setLook(boss.page, LOOKS[0]);
  await boss.press("Give access", boss.dialog);

  await telling([dispatcher, boss], () => dispatcher.sees(/gave you access until/));
  const older = dispatcher.page.getByRole("button", { name: "Load older messages" });
  const shared = dispatcher.message(words).getByText(/Shared by .*Admin, so nobody else can vouch/);
  await expect
    .poll(
      async () => {
        // What is past the window while somebody scrolls takes the place to scroll from along.
        if (await older.isVisible()) await older.click({ timeout: 1000 }).catch(() => undefined);
        return shared.isVisible();
      },
      { timeout: 150_000 },
    )
    .toBe(true);

  await boss.press(/^End now/);
  await boss.press("End access", boss.dialog);
  await dispatcher.message(words).waitFor({ state: "detached" });
  await telling([dispatcher, boss], async () => {
    await dispatcher.sees("Your access has ended.");
    await boss.sees(/deleted again/);
  });
  await boss.press("Ask for access");
  await boss.dialog.waitFor();
  expect(await problems(boss, "asking")).toEqual([]);
});

here.scanAtTheEnd();
