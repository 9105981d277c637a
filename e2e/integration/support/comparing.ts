import type { ClientPort, VerificationView } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { onTestFinished } from "vitest";
import { until } from "../../support/server.ts";
import { must, waitForView, type Member, type World } from "../../support/world.ts";

export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;
type Kind = VerificationView["phase"]["kind"];
type PhaseOf<K extends Kind> = Extract<VerificationView["phase"], { kind: K }>;

export async function phase<K extends Kind>(
  client: ClientPort,
  kind: K,
  wanted: (phase: PhaseOf<K>) => boolean = () => true,
): Promise<PhaseOf<K>> {
  const is = (view: VerificationView): boolean =>
    view.phase.kind === kind && wanted(view.phase as PhaseOf<K>);
  return (await waitForView(client, "verification", is, kind)).phase as PhaseOf<K>;
}

/** Both have the other in the team, with keys. */
export async function knowEachOther(...people: Member[]): Promise<void> {
  for (const one of people)
    for (const other of people)
      if (one !== other)
        await waitForView(
          one.client,
          "team",
          (view) => view.members.some((row) => row.userId === other.userId && row.identity !== "none"),
          `${one.displayName} knows ${other.displayName}`,
        );
}

export async function identity(client: ClientPort, of: Member, wanted: string): Promise<void> {
  await waitForView(
    client,
    "team",
    (view) => view.members.some((row) => row.userId === of.userId && row.identity === wanted),
    `${of.displayName} is ${wanted}`,
  );
}

/**
 * This client has looked at everybody's devices for the first time: only what comes from now on is new to it. It looks at
 * all members at once, itself among them, and notes when.
 */
export async function hasLookedAround(client: ClientPort): Promise<void> {
  await until("it has looked at devices", async () => {
    await must(client, "devices.refresh", {});
    const own = client.view("session")?.deviceId;
    const devices = client.view("devices")?.devices ?? [];
    return devices.some(({ deviceId, firstSeenAt }) => deviceId === own && firstSeenAt !== undefined);
  });
}

/** A further device of somebody, signed in and not unlocked. */
export async function newDevice(
  world: World,
  member: Member,
  patience = { answerMs: 150_000, stepMs: 150_000 },
  network: Fetch = fetch,
) {
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    fetch: network,
    storage: new MemoryStorage(),
    patience,
  });
  onTestFinished(() => client.dispose());
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await waitForView(client, "session", (v) => v.phase.kind === "setup", "asked to unlock");
  return client;
}

export async function unlocked(
  world: World,
  member: Member,
  patience?: { answerMs: number; stepMs: number },
  network?: Fetch,
) {
  const client = await newDevice(world, member, patience, network);
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", (v) => v.phase.kind === "ready", "unlocked");
  await waitForView(client, "team", (v) => v.members.length > 1, "knows the team");
  return client;
}

/** From the ask to seven emoji on both screens. */
export async function toEmoji(asker: ClientPort, asked: ClientPort, userId: string) {
  await must(asker, "verification.start", { userId });
  await phase(asked, "asked");
  await must(asked, "verification.accept", {});
  await phase(asked, "choose");
  await phase(asker, "choose");
  await must(asker, "verification.chooseEmoji", {});
  return [await phase(asker, "emoji"), await phase(asked, "emoji")] as const;
}

export async function putAway(...clients: ClientPort[]): Promise<void> {
  for (const client of clients) {
    await must(client, "verification.cancel", {});
    await phase(client, "none");
  }
}
