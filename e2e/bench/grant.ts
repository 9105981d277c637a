import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { Rogue } from "../support/rogue.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, waitForView, type World } from "../support/world.ts";

export const GRANTED = 10_000;
const ROOMS = 20;

export type GrantFigures = {
  readonly keys: number;
  /** From the admin's yes until the last key is in: gathered, encrypted, uploaded, fetched, checked, stored. */
  readonly grant: number;
  /** Plain `exportRoomKeys` and `importRoomKeys` of the same keys, in memory: no network, no looking at messages. */
  readonly plain: number;
};

/** Milliseconds that a grant takes, between two clients in Node. */
export async function measureGrant(
  world: World,
  progress: (text: string) => void,
  keys = GRANTED,
): Promise<GrantFigures> {
  const admin = await world.member("Bench Giver", ["admin"]);
  const owner = await world.member("Bench Asker", ["dispatcher"]);
  const rooms: string[] = [];
  for (let i = 1; i <= ROOMS; i++) {
    await must(owner.client, "request.open", { fields: { description: `Example grant ${i}.` }, invite: [] });
    rooms.push(await roomOf(owner.client, `Example grant ${i}.`));
  }
  for (const room of rooms) await roomOf(admin.client, `Example grant ${rooms.indexOf(room) + 1}.`);
  await using writer = await Rogue.signIn(world.instance.homeserverUrl, owner);
  await writer.signDevice();
  await oneMessageAKey(writer, rooms, keys, progress);

  const storage = new MemoryStorage();
  const asker = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
  await signInAndUnlock(asker, owner);
  const { request } = await must(asker, "access.ask", { kind: "window", code: "new_device" });
  await waitForView(
    admin.client,
    "access",
    (view) => view.asks.some((ask) => ask.request === request && ask.canAnswer),
    "the ask has come",
  );
  progress("giving");
  const start = performance.now();
  await must(admin.client, "access.give", { request });
  const view = await waitForView(
    asker,
    "access",
    ({ mine }) => mine.some((each) => each.request === request && each.state === "given"),
    "it was given",
    1_800_000,
  );
  const grant = performance.now() - start;
  const taken = view.mine.find((each) => each.request === request)?.keys ?? 0;

  await using plain = await Rogue.signIn(world.instance.homeserverUrl, owner);
  const began = performance.now();
  const exported = (await writer.client.getCrypto()?.exportRoomKeys()) ?? [];
  await plain.importKeys(exported);
  const ratio = taken / Math.max(1, exported.length);
  const figures = { keys: taken, grant, plain: (performance.now() - began) * ratio };
  await asker.dispose();
  return figures;
}

/** As many sessions as messages, each in a request that giver and asker are in. */
async function oneMessageAKey(
  writer: Rogue,
  rooms: readonly string[],
  keys: number,
  progress: (text: string) => void,
): Promise<void> {
  let sent = 0;
  await Promise.all(
    rooms.map(async (room) => {
      for (let i = 0; i < keys / rooms.length; i++) {
        await writer.client.getCrypto()?.forceDiscardSession(room);
        await writer.sendEncrypted(room, "m.room.message", { msgtype: "m.text", body: `Example ${i}` });
        if (++sent % 50 === 0) progress(`${sent} of ${keys} messages written, each with a key of its own`);
      }
    }),
  );
}
