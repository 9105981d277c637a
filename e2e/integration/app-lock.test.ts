import { afterAll, beforeAll, expect, test } from "vitest";
import type { Outcome } from "@hearth/client-core/contract.ts";
import { deleteDevice, devicesOf, until } from "../support/server.ts";
import { texts } from "../support/texts.ts";
import { must, roomOf, startWorld, token, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";
import { Device, responderWith } from "./support/device.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const PASSPHRASE = "a lamp in the window";
const OTHER = "another lamp, further away";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

class LockedDevice extends Device {
  /** The lock page, and nothing of anybody in any view; the key lies under the lock alone. */
  async isLocked(): Promise<void> {
    await this.is("app_locked");
    this.showsNothing();
    expect(await (await this.storage.peek())?.rootKey.read()).toBeUndefined();
  }

  unlock(passphrase = PASSPHRASE): Promise<Outcome> {
    return this.client.run("lock.open", { passphrase });
  }
}

/** A member with a device of theirs that can read a request, under an app lock. */
async function responder() {
  const made = await responderWith(world, new LockedDevice(world));
  await must(made.device.client, "lock.turnOn", { passphrase: PASSPHRASE });
  return made;
}

/** The org's policy says so, and this device has heard of it. */
async function setPolicy(change: Record<string, string>, device: LockedDevice): Promise<void> {
  await must(admin.client, "policy.set", change);
  for (const [key, value] of Object.entries(change))
    await waitForView(
      device.client,
      "org",
      ({ policy }) => (policy as Record<string, string> | undefined)?.[key] === value,
      `${key} is known`,
    );
}

test("[P7] under an app lock a device starts with the lock page, opens with the passphrase alone, and goes on", async () => {
  const { device, reads, roomId, title } = await responder();
  expect(device.client.view("lock")).toMatchObject({ on: true });
  expect(await device.client.run("lock.turnOn", { passphrase: PASSPHRASE })).toMatchObject({
    code: "conflict",
  });
  await device.start();
  await device.isLocked();
  expect(await device.unlock(OTHER)).toMatchObject({ ok: false, code: "wrong_passphrase" });
  await device.isLocked();
  expect(await device.unlock()).toEqual({ ok: true, value: undefined });
  await reads();

  // Another passphrase takes the place of the first; whoever does not know it changes nothing.
  const wrong = { current: OTHER, next: OTHER };
  expect(await device.client.run("lock.change", wrong)).toMatchObject({ code: "wrong_passphrase" });
  expect(await device.client.run("lock.turnOff", { passphrase: OTHER })).toMatchObject({
    code: "wrong_passphrase",
  });
  await must(device.client, "lock.change", { current: PASSPHRASE, next: OTHER });
  await device.start();
  expect(await device.unlock()).toMatchObject({ code: "wrong_passphrase" });
  expect(await device.unlock(OTHER)).toMatchObject({ ok: true });
  await reads();

  // Moving to another place needs no passphrase, and the lock comes along.
  await setPolicy({ key_block: "PT1S" }, device);
  await device.startsElsewhere(async () => {
    expect(await device.unlock(OTHER)).toMatchObject({ ok: true });
    await reads();
  });
  await must(admin.client, "policy.set", { key_block: "P1D" });
  await device.start();
  await device.isLocked();
  expect(await device.unlock(OTHER)).toMatchObject({ ok: true });
  await reads();

  await must(device.client, "lock.turnOff", { passphrase: OTHER });
  await device.start();
  await device.is("ready");
  await reads();
  const words = `Still here ${token()}`;
  await must(device.client, "chat.send", { roomId: roomId, body: words });
  const room = `room:${await roomOf(admin.client, title)}` as const;
  await must(admin.client, "room.open", { roomId: room.slice(5) });
  await waitForView(
    admin.client,
    room,
    ({ timeline }) => timeline.some(({ body }) => body.kind === "message" && body.text === words),
    "it arrived",
  );
});

test("locked in the middle of work, it shows nothing, refuses what comes, and sends afterwards what was queued", async () => {
  const { device, reads, roomId, title } = await responder();
  device.network.down = true;
  const words = `Queued ${token()}`;
  await must(device.client, "chat.send", { roomId, body: words });
  // And one that is still being written down when the lock comes.
  const last = `Just in time ${token()}`;
  const [sent] = await Promise.all([
    device.client.run("chat.send", { roomId, body: last }),
    must(device.client, "lock.now", {}),
  ]);
  expect(sent).toMatchObject({ ok: true });
  await device.isLocked();
  expect(await device.client.run("chat.send", { roomId, body: "x" })).toMatchObject({ code: "locked" });
  expect(await device.client.run("lock.turnOff", { passphrase: OTHER })).toMatchObject({ ok: false });
  device.network.down = false;
  expect(await device.unlock()).toMatchObject({ ok: true });
  await reads();
  const adminRoom = await roomOf(admin.client, title);
  await must(admin.client, "room.open", { roomId: adminRoom });
  const heard = await waitForView(
    admin.client,
    `room:${adminRoom}`,
    (view) => texts(view).includes(last),
    "the queued messages arrived",
  );
  expect(texts(heard).filter((text) => text === words || text === last)).toEqual([words, last]);
});

test("nobody there for the time that the person or the policy says, and it locks by itself", async () => {
  const { device, reads } = await responder();
  await must(device.client, "lock.setIdle", { idleMs: 1_500 });
  await device.isLocked();
  expect(await device.client.run("lock.setIdle", { idleMs: null })).toMatchObject({ code: "locked" });
  // Where starting takes longer than that, it locks once more before it hears that it need not.
  await until("it does not lock by itself any more", async () => {
    await device.unlock();
    return (await device.client.run("lock.setIdle", { idleMs: null })).ok;
  });
  await reads();
  await must(admin.client, "policy.set", { lock_idle: "PT2S" });
  await device.isLocked();
  await must(admin.client, "policy.set", { lock_idle: "off" });
  // As before: what it knows when it starts is the old policy.
  await until("it opens and hears of the policy", async () => {
    const { ok } = await device.unlock();
    return ok && device.client.view("org")?.policy?.lock_idle === "off";
  });
  expect(device.phase?.kind).toBe("ready");
});

test("five wrong tries make wait, however often the program is started, and then the right one opens", async () => {
  const { device, reads } = await responder();
  device.stopped = Date.now();
  await device.start();
  for (let i = 0; i < 4; i++) expect(await device.unlock(OTHER)).toMatchObject({ code: "wrong_passphrase" });
  expect(device.phase).toEqual({ kind: "app_locked", failed: 4 });
  expect(await device.unlock(OTHER)).toMatchObject({
    code: "wrong_passphrase",
    message: expect.stringContaining("Wait 30 seconds") as string,
  });
  for (let i = 0; i < 2; i++) {
    expect(device.phase).toMatchObject({ kind: "app_locked", nextTryAt: expect.any(Number) as number });
    expect(await device.unlock()).toMatchObject({ code: "rate_limited" });
    await device.start();
    await device.isLocked();
  }
  // A clock that is put back does not help; one that goes on does.
  device.off = -HOUR;
  expect(await device.unlock()).toMatchObject({ code: "rate_limited" });
  device.off = HOUR;
  expect(await device.unlock(OTHER)).toMatchObject({
    message: expect.stringContaining("Wait 60 seconds") as string,
  });
  device.off += HOUR;
  expect(await device.unlock()).toMatchObject({ ok: true });
  await reads();
});

test("[P7] as many wrong tries as the policy names destroy the keys", async () => {
  const { device } = await responder();
  await setPolicy({ lock_wipe_after: "5" }, device);
  await must(device.client, "lock.now", {});
  await device.isLocked();
  await must(admin.client, "policy.set", { lock_wipe_after: "off" });
  const stored = await device.storage.peek();
  for (let i = 0; i < 4; i++) expect(await device.unlock(OTHER)).toMatchObject({ code: "wrong_passphrase" });
  expect(await device.unlock(OTHER)).toMatchObject({ code: "signed_out" });
  await device.isDestroyed();
  for (const name of ["lock.a", "lock.b", "lock-notes.a", "lock-notes.b"])
    expect(await stored?.files.read(name)).toBeUndefined();
});

test("[P7] the lease runs on while it is locked, in a program that is started and in one that stays open", async () => {
  const { device } = await responder();
  await device.start();
  await device.isLocked();
  // A clock that is wrong costs nobody their keys while the server can be asked.
  device.off = 73 * HOUR;
  await device.start();
  await device.isLocked();
  device.network.down = true;
  await device.start();
  await device.isDestroyed();

  const { device: other } = await responder();
  await must(other.client, "lock.now", {});
  await other.isLocked();
  other.network.down = true;
  expect(await other.unlock()).toMatchObject({ ok: true });
  await other.is("ready");
  other.network.down = false;
  // The lease is everybody's, the admin's too: one of a few seconds, and a stall here would cost them theirs.
  await setPolicy({ lease: "PT1M" }, other);
  await must(other.client, "lock.now", {});
  await other.isLocked();
  await must(admin.client, "policy.set", { lease: "PT72H" });
  expect(other.phase?.kind).toBe("app_locked");
  other.network.down = true;
  other.off = MINUTE;
  await other.isDestroyed();
});

test("[P7] signing out of a locked device destroys its keys without the passphrase", async () => {
  const { device } = await responder();
  await device.start();
  await device.isLocked();
  const stored = await device.storage.peek();
  await must(device.client, "session.signOut", {});
  await device.is("signed_out");
  expect(await device.storage.peek()).toBeUndefined();
  for (const name of ["lock.a", "lock.b"]) expect(await stored?.files.read(name)).toBeUndefined();
});

test("[P7] a device that an admin wipes while the app is locked destroys its keys, and the lock page goes", async () => {
  const { device, member } = await responder();
  // It hears of nothing before it is locked, and so of the order only by what the lock page asks.
  device.network.down = true;
  await must(device.client, "lock.now", {});
  await device.isLocked();
  const stored = await device.storage.peek();
  await must(admin.client, "wipe.start", { userId: member.userId, mode: "keys" });
  expect(await stored?.files.read("lock.a")).toBeDefined();
  device.network.down = false;
  await device.isDestroyed("An admin of your team had the keys on this device destroyed");
  for (const name of ["lock.a", "lock.b"]) expect(await stored?.files.read(name)).toBeUndefined();
});

test("[P7] a dead token under a lock: first the passphrase, then the password, and the same device goes on", async () => {
  const { device, member, reads } = await responder();
  const [before] = await devicesOf(world.instance, member.userId);
  await deleteDevice(world.instance, member.userId, before?.device_id ?? "");
  await device.isLocked();
  expect(await device.unlock()).toMatchObject({ ok: true });
  await device.is("locked");
  await device.signInAgain(member);
  await reads();
  expect((await devicesOf(world.instance, member.userId)).map((each) => each.device_id)).toEqual([
    before?.device_id,
  ]);
});
