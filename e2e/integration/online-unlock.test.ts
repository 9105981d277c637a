import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { WIPES_PATH } from "@hearth/protocol";
import { deleteDevice, devicesOf, until } from "../support/server.ts";
import { emptyHalf, serversHalf } from "../support/serverHalf.ts";
import { must, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import type { CuttableNetwork } from "./support/cuttableNetwork.ts";
import { Device, responderWith } from "./support/device.ts";

const PASSPHRASE = "a lamp in the window";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterEach(async () => {
  await must(admin.client, "policy.set", { online_unlock: "off" });
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

class DividedDevice extends Device {
  /** Somebody on the way keeps wipe records from it. */
  hidesWipes = false;

  protected override readonly fetch: CuttableNetwork["fetch"] = (url, init) =>
    this.hidesWipes && new URL(url).pathname.startsWith(WIPES_PATH)
      ? Promise.reject(new TypeError("the network is down"))
      : this.network.fetch(url, init);

  async isShut(words: string): Promise<void> {
    await waitForView(
      this.client,
      "session",
      // A server that is slow to answer counts as out of reach at first, whatever it says then.
      ({ phase }) => phase.kind === "no_start" && phase.message.includes(words),
      `it does not start: ${words}`,
    );
    this.showsNothing();
  }

  /** The root key was divided, or joined: the session moved, and goes on. */
  async needsServer(needs: boolean): Promise<void> {
    await waitForView(
      this.client,
      "lock",
      (lock) => lock.needsServer === needs,
      `needs the server: ${needs}`,
    );
    await this.is("ready");
    const header = async (slot: string) => (await this.storage.peek())?.files.read(`sealed-header.${slot}`);
    expect(Boolean((await header("a")) ?? (await header("b")))).toBe(needs);
  }
}

const responder = (counts?: (line: string) => boolean) =>
  responderWith(world, new DividedDevice(world, counts));

test("[P7] policy divides the root key of running devices, which then start only with the server, and joins it again", async () => {
  const { device, reads, member, deviceId } = await responder();
  await must(admin.client, "policy.set", { online_unlock: "on" });
  await device.needsServer(true);
  await reads();
  expect(await serversHalf(world.instance, member.userId, deviceId)).toEqual({
    half: expect.any(String) as string,
  });
  const [before] = await devicesOf(world.instance, member.userId);

  // No network: no start, and it says so. With the network back it goes on by itself.
  device.network.down = true;
  await device.start();
  await device.isShut("server can’t be reached");
  device.network.down = false;
  await device.is("ready");
  await reads();

  // A start that moves to another place needs no more of the server than any other.
  await must(admin.client, "policy.set", { key_block: "PT1S" });
  await waitForView(
    device.client,
    "org",
    ({ policy }) => policy?.key_block === "PT1S",
    "the blocks are known",
  );
  await device.startsElsewhere(async () => {
    await device.is("ready");
    await reads();
  });
  await must(admin.client, "policy.set", { key_block: "P1D" });

  // With an app lock on top: the passphrase first, then the server.
  await must(device.client, "lock.turnOn", { passphrase: PASSPHRASE });
  device.network.down = true;
  await device.start();
  await device.is("app_locked");
  await must(device.client, "lock.open", { passphrase: PASSPHRASE });
  await device.isShut("server can’t be reached");
  device.network.down = false;
  await device.is("ready");
  await reads();
  await must(device.client, "lock.turnOff", { passphrase: PASSPHRASE });

  await must(admin.client, "policy.set", { online_unlock: "off" });
  await device.needsServer(false);
  await until("the server's half is gone", async () => {
    const kept = await serversHalf(world.instance, member.userId, deviceId);
    return JSON.stringify(kept) === "{}";
  });
  device.network.down = true;
  await device.start();
  await device.is("ready");
  await reads();
  expect((await devicesOf(world.instance, member.userId)).map((each) => each.device_id)).toEqual([
    before?.device_id,
  ]);
});

test("[P7] cut off anywhere while its key is divided or joined, a device opens as before or as afterwards", async () => {
  const touchesHalf = (line: string) => line.includes("account_data") && line.includes("unlock");
  for (const cut of ["not sent", "answer lost"] as const)
    for (const at of [1, 2]) {
      const { device, reads, member, deviceId } = await responder(touchesHalf);
      device.network.mend(at, cut);
      await must(admin.client, "policy.set", { online_unlock: "on" });
      await until("the network is cut", () => Promise.resolve(device.network.down));
      // Nothing depends on the server yet: it starts without.
      await device.start();
      await device.is("ready");
      await reads();
      device.network.mend();
      await device.needsServer(true);
      await reads();
      device.network.mend(1, cut);
      await must(admin.client, "policy.set", { online_unlock: "off" });
      await device.needsServer(false);
      await until("the network is cut", () => Promise.resolve(device.network.down));
      await device.start();
      await device.is("ready");
      await reads();
      // With the network back, the server's half goes that nothing needs any more.
      device.network.mend();
      await device.start();
      await until("the server's half is gone", async () => {
        const kept = await serversHalf(world.instance, member.userId, deviceId);
        return JSON.stringify(kept) === "{}";
      });
      await device.stop();
    }
});

test("[P7] a server without its half destroys nothing and opens nothing; a dead token asks for the password first", async () => {
  const { device, reads, member, deviceId } = await responder();
  await must(admin.client, "policy.set", { online_unlock: "on" });
  await device.needsServer(true);
  await device.stop();

  await deleteDevice(world.instance, member.userId, deviceId);
  await device.start();
  await device.is("locked");
  await device.signInAgain(member);
  await reads();
  await device.stop();

  // Another half than its own, from a server's backup perhaps, opens nothing either, and is not taken for its own.
  await emptyHalf(world.instance, member.userId, deviceId, { half: "A".repeat(43) });
  await device.start();
  await device.isShut("an admin may have wiped it");
  await device.stop();
  await emptyHalf(world.instance, member.userId, deviceId);
  await device.start();
  await device.isShut("an admin may have wiped it");
  await device.stillHasKeys();
  await must(device.client, "session.signOut", {});
  expect(await device.storage.peek()).toBeUndefined();
});

test("[P7] a device whose key is divided learns from the sealed header that it was wiped, before anything is opened", async () => {
  const wiped = async () => {
    const { device, member } = await responder();
    await must(admin.client, "policy.set", { online_unlock: "on" });
    await device.needsServer(true);
    await device.stop();
    await must(admin.client, "wipe.start", { userId: member.userId, mode: "keys" });
    await until("the device is ended at the homeserver", async () => {
      return (await devicesOf(world.instance, member.userId)).length === 0;
    });
    return { device, member, stored: await device.storage.peek() };
  };
  const isDestroyed = async ({ device, stored }: Awaited<ReturnType<typeof wiped>>) => {
    await device.isDestroyed(/^An admin of your team had/);
    expect(await stored?.rootKey.read()).toBeUndefined();
    for (const name of ["sealed-header.a", "sealed-header.b"])
      expect(await stored?.files.read(name)).toBeUndefined();
  };
  const first = await wiped();
  await first.device.start();
  await isDestroyed(first);

  // Where the record could not be had before, signing in again asks for it first.
  const second = await wiped();
  second.device.hidesWipes = true;
  await second.device.start();
  await second.device.is("locked");
  expect(await second.stored?.rootKey.read()).toBeDefined();
  second.device.hidesWipes = false;
  const { userName, password } = second.member;
  await second.device.client.run("session.signIn", { userName, password });
  await isDestroyed(second);
  expect(await devicesOf(world.instance, second.member.userId)).toEqual([]);
});
