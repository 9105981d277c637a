import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClientPort, RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { until } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { roomKeyRows } from "./support/deviceStore.ts";
import { ForgingNetwork } from "./support/forgingNetwork.ts";

/** A host that makes up a policy with a long key window, for the one who asks and for the one who gives. */
let world: World;
let admin: Member;
let responder: Member;
const network = new ForgingNetwork();
const open: ClientPort[] = [];

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  responder = await world.member("Dora Dispatcher", ["dispatcher"]);
});
afterAll(async () => {
  await Promise.all(open.map((client) => client.dispose()));
  await world[Symbol.asyncDispose]();
});

/** Another device of somebody, whose server lies. */
async function deceived(member: Member): Promise<{ client: ClientPort; storage: MemoryStorage }> {
  const storage = new MemoryStorage();
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage, fetch: network.fetch });
  open.push(client);
  await signInAndUnlock(client, member);
  return { client, storage };
}

const windowIs = (client: ClientPort, window: string) =>
  waitForView(client, "org", (v) => v.policy?.key_window === window, `the key window is ${window}`);

/** Asks for the window, and is given it. */
async function given(client: ClientPort): Promise<void> {
  const { request } = await must(client, "access.ask", { kind: "window", code: "new_device" });
  const isGiven = (v: Views["access"]) =>
    v.mine.some((each) => each.request === request && each.state === "given");
  await waitForView(client, "access", isGiven, "it was given");
}

test("[P6] a policy that the server made up lets an admin's device give no more by itself than its admin has seen", async () => {
  const { client: desk } = await deceived(admin);
  const { client: laptop, storage } = await deceived(responder);
  const [short, long] = ["PT20S", "P10D"];
  await must(admin.client, "policy.set", { key_block: "PT2S", key_window: short, automatic_access: true });
  await windowIs(desk, short);
  await must(desk, "access.answerAlone", { window: short });

  const [title, words] = [token(), `Example: ${token()}`];
  await must(responder.client, "request.open", { fields: { description: title }, invite: [] });
  const roomId = await roomOf(responder.client, title);
  await must(responder.client, "chat.send", { roomId, body: words });
  for (const client of [desk, laptop, responder.client]) {
    await roomOf(client, title);
    await must(client, "room.open", { roomId });
  }
  for (const client of [desk, laptop])
    await waitForView(client, `room:${roomId}`, (v) => texts(v).includes(words), "it is read");
  const rows = await roomKeyRows(storage);
  const isPast = (v: RoomView) => v.notKept !== undefined && !texts(v).includes(words);
  for (const client of [laptop, responder.client])
    await waitForView(client, `room:${roomId}`, isPast, "it is past the window");
  // Words go before their keys do; a key that is still here would be within the window that is made up next.
  await until("the keys are deleted", async () => {
    const now = new Set(await roomKeyRows(storage));
    return rows.every((row) => !now.has(row));
  });

  network.forge = (_roomId, state) =>
    state
      .filter((event) => event["type"] === "org.hearth.policy")
      .map((event) => ({
        type: "org.hearth.policy",
        state_key: "",
        sender: String(event["sender"]),
        content: { ...(event["content"] as object), key_window: long },
      }));
  await must(admin.client, "policy.set", { invite_expiry: "P3D" });
  for (const client of [desk, laptop]) await windowIs(client, long);

  await given(laptop);
  // Waits for the room's turn, in which what came was opened.
  await must(laptop, "room.loadOlder", { roomId });
  expect(texts(laptop.view(`room:${roomId}`))).not.toContain(words);

  // The same once more, by an admin who agrees to what the server says: so it was the switch that held it back.
  await must(desk, "access.answerAlone", { window: long });
  await given(laptop);
  await waitForView(laptop, `room:${roomId}`, (v) => texts(v).includes(words), "now it is given");
});
