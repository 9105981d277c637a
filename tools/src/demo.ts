// Fills a new org with demo people, the way real ones come in: each by an invite link, through the client.
import { createFirstAdminInvite } from "@hearth/bots";
import { step } from "../setup/report.mjs";
import { demoPeople } from "./demo/accounts.ts";
import type { DemoPerson, DemoStore } from "./demo/accounts.ts";
import { DemoClient } from "./demo/client.ts";
import type { Instance } from "./instance.ts";

/**
 * Makes what is missing of the demo org. Each person is stored as soon as they exist.
 * @throws Problem with the client's sentence when something is refused
 */
export async function seedDemo(instance: Instance, store: DemoStore): Promise<void> {
  const missing = demoPeople.filter((person) => !findAccount(instance, store, person));
  if (missing.length === 0) return;
  await step("demo org", async (progress) => {
    const [adminPerson, ...others] = demoPeople;
    progress(adminPerson.displayName);
    await using admin = await enter(instance, store, adminPerson, async () => {
      const { link } = await createFirstAdminInvite({
        homeserverUrl: instance.homeserverUrl,
        asToken: instance.asToken,
        serverName: instance.serverName,
        orgId: instance.orgId,
        webUrl: instance.webUrl,
        // The admin may have joined in a start that broke off before their recovery key was stored here.
        force: true,
      });
      return link;
    });
    await admin.until("for the org to load", () => admin.view("org")?.roles.length || undefined);
    // Side by side: most of the time each of them waits for the bot.
    const coming = others.filter((person) => !findAccount(instance, store, person));
    const came = await Promise.allSettled(
      coming.map(async (person) => {
        await using client = await enter(instance, store, person, async () => {
          const { link } = await admin.run("invite.create", { roles: [person.role], note: "demo data" });
          return link;
        });
        await client.run("session.signOut", {});
        progress(person.displayName);
      }),
    );
    const failed = came.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    await admin.run("session.signOut", {});
  });
}

function findAccount({ serverName }: Instance, store: DemoStore, person: DemoPerson) {
  return store.accounts.find(({ userId }) => userId === `@${person.userName}:${serverName}`);
}

/** Signs an existing person in, or lets a new one join by an invite; ready to work when it returns. */
async function enter(
  instance: Instance,
  store: DemoStore,
  person: DemoPerson,
  makeInvite: () => Promise<string>,
): Promise<DemoClient> {
  const client = await DemoClient.open(instance.webUrl, person.displayName);
  try {
    const account = findAccount(instance, store, person);
    if (account) {
      await client.run("session.signIn", { userName: person.userName, password: account.password });
      await client.run("encryption.unlock", { recoveryKey: account.recoveryKey });
      await client.phase("ready");
      return client;
    }
    const { userName, displayName } = person;
    const password = store.passwordFor(userName);
    await client.run("join.accept", { link: await makeInvite(), userName, displayName, password });
    const phase = await client.phase("setup");
    const { recoveryKey } =
      phase.kind === "setup" && phase.step === "unlock"
        ? await client.run("encryption.reset", { password })
        : await client.run("encryption.setUp", { password });
    await client.run("encryption.confirmSaved", {});
    await client.phase("ready");
    store.add({ role: person.role, userId: `@${userName}:${instance.serverName}`, password, recoveryKey });
    return client;
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}
