// Fills a new org with demo people, the way real ones come in: each by an invite link, through the client.
import { createFirstAdminInvite } from "@hearth/bots";
import { step } from "../setup/report.mjs";
import { demoPeople } from "./demo/accounts.ts";
import type { DemoPerson, DemoStore } from "./demo/accounts.ts";
import { DemoClient } from "./demo/client.ts";
import type { Instance } from "./instance.ts";

/**
 * Makes what is missing of the demo org. What is known of a person is stored at each step, so that a start that broke
 * off goes on at the next.
 * @throws Problem with the client's sentence when something is refused
 */
export async function seedDemo(instance: Instance, store: DemoStore): Promise<void> {
  const [adminPerson, ...others] = demoPeople;
  const isMissing = (person: DemoPerson) => !store.has(person, instance.serverName);
  await step("demo org", async (progress) => {
    progress(adminPerson.displayName);
    await using admin = await enter(instance, store, adminPerson, await firstAdminInvite(instance));
    await admin.until("for the org to load", () => admin.view("org")?.roles.length || undefined);
    await admin.until("for the team to load", () => admin.view("team")?.members.length || undefined);
    // Side by side: most of the time each of them waits for the bot.
    const came = await Promise.allSettled(
      others.filter(isMissing).map(async (person) => {
        const userId = userIdOf(instance, person);
        const isMember = admin.view("team")?.members.some((member) => member.userId === userId);
        const invite = isMember
          ? undefined
          : await admin.run("invite.create", { roles: [person.role], note: "demo data" });
        await using client = await enter(instance, store, person, invite?.link);
        await confirmed(admin, userId, invite !== undefined);
        await client.run("session.signOut", {});
        progress(person.displayName);
      }),
    );
    const failed = came.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
    await admin.run("session.signOut", {});
  });
}

/**
 * Waits until the admin's client has signed somebody onto the roster: before that they would get no keys. Who came by
 * an invite of a start that broke off is confirmed as an admin does it who compared codes: both are this process.
 */
async function confirmed(admin: DemoClient, userId: string, byThisInvite: boolean): Promise<void> {
  const row = () => admin.view("team")?.members.find((member) => member.userId === userId);
  if (!byThisInvite) {
    const code = await admin.until(`for the keys of ${userId}`, () => row()?.code);
    if (row()?.roster !== "listed") await admin.run("member.acceptIdentity", { userId, code });
  }
  await admin.until(`for ${userId} to be on the roster`, () => row()?.roster === "listed" || undefined);
}

function userIdOf({ serverName }: Instance, { userName }: DemoPerson): string {
  return `@${userName}:${serverName}`;
}

/** @returns the link, or undefined when the org has its admin already */
async function firstAdminInvite(instance: Instance): Promise<string | undefined> {
  const { homeserverUrl, asToken, serverName, orgId, webUrl } = instance;
  try {
    return (await createFirstAdminInvite({ homeserverUrl, asToken, serverName, orgId, webUrl })).link;
  } catch (error) {
    // What it refuses with when there is one. If it was something else, signing the admin in fails next, and says so.
    if (error instanceof Error && error.message.startsWith("There is an admin")) return undefined;
    throw error;
  }
}

/**
 * Brings a person in, and stores their account.
 * @param invite a link for somebody new; without one they are a member already and sign in
 * @returns their client, ready to work
 */
async function enter(
  instance: Instance,
  store: DemoStore,
  person: DemoPerson,
  invite: string | undefined,
): Promise<DemoClient> {
  const { userName, displayName, role } = person;
  const userId = userIdOf(instance, person);
  const account = store.accounts.find((each) => each.userId === userId);
  const password = account?.password ?? store.passwordFor(userName);
  const client = await DemoClient.open(instance.webUrl, displayName);
  try {
    if (invite === undefined) await client.run("session.signIn", { userName, password });
    else await client.run("join.accept", { link: invite, userName, displayName, password });
    const phase = await client.phase("setup", "ready");
    if (phase.kind === "setup")
      await secure(client, store, userName, password, phase.step, account?.recoveryKey);
    await client.phase("ready");
    const recoveryKey = account?.recoveryKey ?? store.recoveryKeyFor(userName);
    if (recoveryKey === undefined) throw new Error(`${userId} has no recovery key`);
    if (!account) store.add({ role, userId, password, recoveryKey });
    return client;
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

/** Sets up encryption or unlocks it. Who lost their recovery key in a start that broke off gets a new identity. */
async function secure(
  client: DemoClient,
  store: DemoStore,
  userName: string,
  password: string,
  step: "new" | "unlock" | "show_key",
  known: string | undefined,
): Promise<void> {
  const kept = known ?? store.recoveryKeyFor(userName);
  if (step === "unlock" && kept !== undefined) {
    await client.run("encryption.unlock", { recoveryKey: kept });
    return;
  }
  const command = step === "unlock" ? "encryption.reset" : "encryption.setUp";
  const { recoveryKey } = await client.run(command, { password });
  store.keepRecoveryKey(userName, recoveryKey);
  await client.run("encryption.confirmSaved", {});
}
