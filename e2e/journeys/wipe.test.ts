import { afterAll, beforeAll, expect, test } from "vitest";
import { CutProxy, PASS } from "../support/cutProxy.ts";
import { Person } from "../support/person.ts";
import { Profile } from "../support/profile.ts";
import { filesWith } from "../support/profileFiles.ts";
import { looksInto, rowsOf, type Saved } from "../support/secondProgram/index.ts";
import { devicesOf, encryptedIn } from "../support/server.ts";
import {
  must,
  roomOf,
  signsOut,
  startWorld,
  token,
  waitForView,
  type Member,
  type World,
} from "../support/world.ts";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld();
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(() => world[Symbol.asyncDispose]());

/** Somebody at a browser, who can read a request and wrote into it; the browser is shut, and its profile was looked into. */
async function somebodyWithKeys(name: string, profile: Profile, origin: string) {
  const { instance } = world;
  const account = await world.withoutDevice(name, ["responder"]);
  const browser = await profile.open();
  const page = await browser.page();
  const tokens = new Set<string>();
  page.on("request", (request) => {
    const bearer = /^Bearer (.+)$/.exec(request.headers()["authorization"] ?? "")?.[1];
    if (bearer !== undefined) tokens.add(bearer);
  });
  const person = await new Person(page, origin, account).signIn();
  const title = `A man on a bridge ${token()}`;
  await must(admin.client, "request.open", { fields: { description: title }, invite: [account.userId] });
  await person.choosesRequest(title);
  await person.says(token());
  await person.everythingIsSent();
  // Saved is what stands there before the last words: who reads those has the keys of all that came before them.
  const roomId = await roomOf(admin.client, title);
  const events = await encryptedIn(instance, roomId);
  const last = token();
  await must(admin.client, "chat.send", { roomId, body: last });
  await person.message(last).waitFor();
  await browser.close();

  const [device] = await devicesOf(instance, account.userId);
  const [accessToken] = [...tokens].slice(-1);
  if (!device || accessToken === undefined) throw new Error("the page used no token");
  const saved: Saved = {
    userId: account.userId,
    deviceId: device.device_id,
    events,
    oldRootKeys: [],
    words: [title, accessToken],
  };
  // Before: all of it is there, and the second program finds and opens it. On copies, which it may do with what it likes.
  await using copy = await profile.copy();
  const report = await looksInto(copy, origin, saved);
  expect(Object.keys(report.opened)).toHaveLength(saved.events.length);
  expect(report.words).toEqual(saved.words);
  expect(report.rootKeys).toHaveLength(1);
  const { rows } = await rowsOf(copy, origin, saved);
  expect(rows.length).toBeGreaterThan(0);
  const needles: Record<string, Uint8Array> = Object.fromEntries([
    ...report.rootKeys.map((key, i) => [`root key ${i}`, Buffer.from(key, "hex")] as const),
    ...rows.map((row, i) => [`row ${i}`, Uint8Array.from(row)] as const),
  ]);
  const before = await filesWith(profile.dir, needles);
  for (const [what, files] of Object.entries(before)) expect(files, `${what}, before`).not.toEqual([]);
  return { account, title, saved: { ...saved, oldRootKeys: report.rootKeys }, needles };
}

/** The two looks: by another program in the same browser, and from outside. */
async function nothingIsLeft(
  profile: Profile,
  origin: string,
  saved: Saved,
  needles: Record<string, Uint8Array>,
) {
  const after = await filesWith(profile.dir, needles);
  for (const [what, files] of Object.entries(after)) expect(files, `${what}, afterwards`).toEqual([]);
  const report = await looksInto(profile, origin, saved);
  expect(report).toMatchObject({ opened: {}, words: [], rootKeys: [], records: 0, sessions: 0, places: [] });
}

test("[P7] a browser that is online when it is wiped shows a plain page, and holds nothing any more", async () => {
  const origin = world.instance.webUrl;
  await using profile = await Profile.create();
  const { account, title, saved, needles } = await somebodyWithKeys("Rio Responder", profile, origin);

  const browser = await profile.open();
  const person = new Person(await browser.page(), origin, account);
  await person.goTo("/requests/");
  await person.row(title).waitFor();
  await must(admin.client, "wipe.start", { userId: account.userId, mode: "keys" });
  await person.heading("Sign in").waitFor();
  await person.sees(/An admin of your team had the keys on this device destroyed/);
  expect(await person.reads()).not.toContain(title);
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.userId === account.userId && each.state === "acknowledged"),
    "the device has answered",
  );
  expect(await person.stored()).toEqual([]);
  await browser.close();
  await nothingIsLeft(profile, origin, saved, needles);
});

test("[P7] a browser that was shut when it was wiped learns it at its next start, and needs no server to forget", async () => {
  await using network = await CutProxy.open(world.instance.webUrl);
  const { origin } = network;
  await using profile = await Profile.create();
  const { account, title, saved, needles } = await somebodyWithKeys("Rita Responder", profile, origin);

  await must(admin.client, "wipe.start", { userId: account.userId, mode: "sign_out" });
  await waitForView(
    admin.client,
    "wipes",
    ({ orders }) => orders.some((each) => each.userId === account.userId && each.state === "unanswered"),
    "the device did not answer in time",
  );
  // From the moment on at which it has the record, the server is gone; only the page itself still comes.
  let learnt = false;
  network.decide = ({ path }) => {
    if (learnt && (path.startsWith("/_matrix") || path === "/clear-site-data")) return { kind: "cut" };
    learnt ||= path.startsWith("/wipes/");
    return PASS;
  };
  const browser = await profile.open();
  const person = new Person(await browser.page(), origin, account);
  await person.goTo("/sign-in/");
  await person.sees(/An admin of your team had this device signed out/);
  expect(learnt).toBe(true);
  expect(await person.reads()).not.toContain(title);
  await browser.close();
  network.decide = () => PASS;
  await nothingIsLeft(profile, origin, saved, needles);
});

test("an admin wipes somebody’s device from the Team page, and sees that it answered", async () => {
  const origin = world.instance.webUrl;
  const other = await world.withoutDevice("Remy Responder", ["responder"]);
  await using profile = await Profile.create();
  await using second = await Profile.create();
  const account = await world.member("Ada Admin", ["admin"]);
  await waitForView(
    account.client,
    "team",
    ({ members }) => members.some((each) => each.isMe && each.roster === "listed"),
    "the admin is on the roster",
  );
  await signsOut(world, account);
  const theirs = await (await second.open()).page();
  const wiped = await new Person(theirs, origin, other).signIn();
  const person = await new Person(await (await profile.open()).page(), origin, account).signIn();
  await person.visit("Team");
  await person.press("Wipe devices of Remy Responder");
  await person.tick("Sign out too", person.dialog);
  await person.press("Wipe 1 device", person.dialog);
  await wiped.sees(/An admin of your team had this device signed out/);
  const line = person.page.getByRole("list", { name: "Wiped devices" }).getByRole("listitem");
  await line.filter({ hasText: "Remy Responder" }).getByText("Keys destroyed").waitFor();
});
