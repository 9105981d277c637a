import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, VerificationView } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { must, startWorld, waitForView, type Member, type World } from "../support/world.ts";

let world: World;
let ada: Member;
let ben: Member;
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  ada = await world.member("Demo Ada", ["dispatcher"]);
  ben = await world.member("Demo Ben", ["responder"]);
  await knowEachOther(ada, ben);
});

afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

type Kind = VerificationView["phase"]["kind"];
type PhaseOf<K extends Kind> = Extract<VerificationView["phase"], { kind: K }>;

async function phase<K extends Kind>(
  client: ClientPort,
  kind: K,
  wanted: (phase: PhaseOf<K>) => boolean = () => true,
): Promise<PhaseOf<K>> {
  const is = (view: VerificationView): boolean =>
    view.phase.kind === kind && wanted(view.phase as PhaseOf<K>);
  return (await waitForView(client, "verification", is, kind)).phase as PhaseOf<K>;
}

/** Both have the other in the team, with keys. */
async function knowEachOther(...people: Member[]): Promise<void> {
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

async function identity(client: ClientPort, of: Member, wanted: string): Promise<void> {
  await waitForView(
    client,
    "team",
    (view) => view.members.some((row) => row.userId === of.userId && row.identity === wanted),
    `${of.displayName} is ${wanted}`,
  );
}

/** A further device of somebody, signed in and not unlocked. */
async function newDevice(member: Member, patience = { answerMs: 150_000, stepMs: 150_000 }) {
  const client = await createNodeClient({
    baseUrl: world.instance.webUrl,
    storage: new MemoryStorage(),
    patience,
  });
  open.push(client);
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await waitForView(client, "session", (v) => v.phase.kind === "setup", "asked to unlock");
  return client;
}

async function unlocked(member: Member, patience?: { answerMs: number; stepMs: number }) {
  const client = await newDevice(member, patience);
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", (v) => v.phase.kind === "ready", "unlocked");
  await waitForView(client, "team", (v) => v.members.length > 1, "knows the team");
  return client;
}

/** From the ask to seven emoji on both screens. */
async function toEmoji(asker: ClientPort, asked: ClientPort, userId: string) {
  await must(asker, "verification.start", { userId });
  await phase(asked, "asked");
  await must(asked, "verification.accept", {});
  await phase(asked, "choose");
  await phase(asker, "choose");
  await must(asker, "verification.chooseEmoji", {});
  return [await phase(asker, "emoji"), await phase(asked, "emoji")] as const;
}

async function putAway(...clients: ClientPort[]): Promise<void> {
  for (const client of clients) {
    await must(client, "verification.cancel", {});
    await phase(client, "none");
  }
}

describe("two people compare emoji", () => {
  test("[P8] cancel, decline, mismatch: nobody is verified, both are told, and both can begin again", async () => {
    // Ben says no.
    await must(ada.client, "verification.start", { userId: ben.userId });
    const asked = await waitForView(ben.client, "verification", (v) => v.phase.kind === "asked", "asked");
    expect(asked.other).toMatchObject({ userId: ada.userId, name: "Demo Ada", self: false });
    await must(ben.client, "verification.cancel", {});
    await phase(ben.client, "none");
    expect(await phase(ada.client, "cancelled")).toMatchObject({
      message: expect.stringContaining("Demo Ben said “Not now”"),
      alarm: false,
    });
    await putAway(ada.client);

    // Ada takes it back before Ben has answered.
    await must(ada.client, "verification.start", { userId: ben.userId });
    await phase(ben.client, "asked");
    await must(ada.client, "verification.cancel", {});
    await phase(ben.client, "none");
    await putAway(ada.client);

    // Ben stops in the middle.
    await toEmoji(ada.client, ben.client, ben.userId);
    await must(ben.client, "verification.cancel", {});
    expect((await phase(ada.client, "cancelled")).message).toContain("Demo Ben cancelled");
    await putAway(ada.client, ben.client);

    // Ada sees other emoji than Ben.
    await toEmoji(ada.client, ben.client, ben.userId);
    await must(ada.client, "verification.mismatch", {});
    expect(await phase(ada.client, "cancelled")).toMatchObject({ alarm: true });
    expect(await phase(ben.client, "cancelled")).toMatchObject({ alarm: true });
    await putAway(ada.client, ben.client);

    await identity(ada.client, ben, "fine");
    await identity(ben.client, ada, "fine");
  });

  test("[P8] when both say that the emoji are the same, each has signed the other's identity, on all own devices", async () => {
    const [mine, theirs] = await toEmoji(ada.client, ben.client, ben.userId);
    expect(mine.emoji).toHaveLength(7);
    expect(theirs.emoji).toEqual(mine.emoji);
    await must(ada.client, "verification.confirm", {});
    expect(await phase(ada.client, "emoji", ({ said }) => said)).toBeDefined();
    await must(ben.client, "verification.confirm", {});
    await phase(ada.client, "done");
    await phase(ben.client, "done");
    await identity(ada.client, ben, "verified");
    await identity(ben.client, ada, "verified");
    await putAway(ada.client, ben.client);
    // A signature by the person and not by the device: a new device of hers has it too.
    await identity(await unlocked(ada), ben, "verified");
  });
});
