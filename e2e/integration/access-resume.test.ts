import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClientPort, RoomView, Views } from "@hearth/client-core/contract.ts";
import { createNodeClient, MemoryStorage } from "@hearth/client-core/node.ts";
import { texts } from "../support/texts.ts";
import { signInAndUnlock } from "../support/unlock.ts";
import { must, roomOf, startWorld, token, waitForView, type Member, type World } from "../support/world.ts";
import { CuttableNetwork } from "./support/cuttableNetwork.ts";

/** A grant that is cut off, at the one who gives it and at the one who gets it, goes on where it was. */
let world: World;
let admin: Member;
let responder: Member;
let roomId: string;
const words = `Example: ${token()}`;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
  responder = await world.member("Dora Dispatcher", ["dispatcher"]);
  const title = token();
  await must(responder.client, "request.open", { fields: { description: title }, invite: [] });
  roomId = await roomOf(responder.client, title);
  await must(responder.client, "chat.send", { roomId, body: words });
  await roomOf(admin.client, title);
  await must(admin.client, "room.open", { roomId });
  const reads = (view: RoomView) => texts(view).includes(words);
  await waitForView(admin.client, `room:${roomId}`, reads, "the admin reads it");
});

afterAll(() => world[Symbol.asyncDispose]());

const stateOf = (view: Views["access"], request: string) =>
  view.mine.find((each) => each.request === request)?.state;

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Another device of somebody that is switched off and on again. */
class Device {
  readonly storage = new MemoryStorage();
  readonly #fetch: Fetch;
  client!: ClientPort;

  constructor(fetch: Fetch) {
    this.#fetch = fetch;
  }

  static async signIn(member: Member, network: Fetch): Promise<Device> {
    const device = new Device(network);
    await device.on();
    await signInAndUnlock(device.client, member);
    return device;
  }

  async on(): Promise<void> {
    const { storage } = this;
    this.client = await createNodeClient({ baseUrl: world.instance.webUrl, storage, fetch: this.#fetch });
  }
}

/** What the admin sees of an ask that waits. */
const waits = (client: ClientPort, request: string) =>
  waitForView(
    client,
    "access",
    (v) => v.asks.some((ask) => ask.request === request && ask.canAnswer),
    "the admin sees who asks",
  );
const given = (client: ClientPort, request: string) =>
  waitForView(client, "access", (v) => stateOf(v, request) === "given", "it was given");

describe("who gets it is switched off", () => {
  /** Switches the device off when an answer like this comes, that many milliseconds after it was handed on. */
  let off: { readonly when: (path: string, body: string) => boolean; readonly after: number } | undefined;
  const cut: { gone: Promise<void> | undefined } = { gone: undefined };
  const isOff = () => cut.gone;
  let device: Device;

  beforeAll(async () => {
    device = await Device.signIn(responder, async (url, init) => {
      const answer = await fetch(url, init);
      if (!off || cut.gone) return answer;
      const body = await answer.clone().text();
      const { when, after } = off;
      if (!cut.gone && when(new URL(url).pathname, body))
        cut.gone = new Promise((resolve) => setTimeout(resolve, after)).then(() => device.client.dispose());
      return answer;
    });
  });
  afterAll(() => device.client.dispose());

  const isMessage = (path: string, body: string) =>
    path.endsWith("/sync") &&
    (
      JSON.parse(body) as { extensions?: { to_device?: { events?: { type: string }[] } } }
    ).extensions?.to_device?.events?.some(({ type }) => type === "m.room.encrypted") === true;
  const isFile = (path: string) => path.includes("/media/download/");

  test.each([
    ["when the message comes", isMessage, [0, 3, 20]],
    ["when the file comes", isFile, [0, 5, 20]],
  ] as const)("[P6] %s, and gets it all the same", async (_what, when, delays) => {
    for (const after of delays) {
      const { request } = await must(device.client, "access.ask", { kind: "window", code: "new_device" });
      await waits(admin.client, request);
      cut.gone = undefined;
      off = { when, after };
      await must(admin.client, "access.give", { request });
      await expect.poll(() => cut.gone !== undefined, { timeout: 60_000 }).toBe(true);
      await isOff();
      off = undefined;
      await device.on();
      await given(device.client, request);
      await must(device.client, "room.open", { roomId });
      const shared = (v: RoomView) =>
        v.timeline.some(({ body, warning }) => body.kind === "message" && warning?.includes("Shared by"));
      await waitForView(device.client, `room:${roomId}`, shared, "it is read, and says who shared it");
    }
  });
});

describe("who gives it is switched off", () => {
  let target = /^$/;
  const network = new CuttableNetwork((line) => target.test(line));
  let desk: Device;
  let phone: Device;

  beforeAll(async () => {
    desk = await Device.signIn(admin, network.fetch);
    phone = await Device.signIn(responder, fetch);
  });
  afterAll(() => Promise.all([desk.client.dispose(), phone.client.dispose()]));

  test.each([
    ["before it has gathered the keys", / .*\/messages$/, "not sent"],
    ["when the bot was told", /\/send\/org\.hearth\.command\//, "answer lost"],
    ["before the file is up", /\/upload$/, "not sent"],
    ["when the file is up", /\/upload$/, "answer lost"],
    ["before the message is sent", /\/sendToDevice\//, "not sent"],
    ["when the message is sent", /\/sendToDevice\//, "answer lost"],
  ] as const)("[P6] %s, and goes on at the next start", async (_what, line, cut) => {
    const { request } = await must(phone.client, "access.ask", { kind: "window", code: "new_device" });
    await waits(desk.client, request);
    target = line;
    network.mend(1, cut);
    await must(desk.client, "access.give", { request });
    await expect.poll(() => network.down, { timeout: 60_000 }).toBe(true);
    await desk.client.dispose();
    target = /^$/;
    network.mend();
    await desk.on();
    await given(phone.client, request);
    const arrived = (v: Views["access"]) =>
      v.asks
        .find((ask) => ask.request === request)
        ?.devices.some(
          (each) => each.deviceId === phone.client.view("session")?.deviceId && each.state === "imported",
        ) === true;
    await waitForView(desk.client, "access", arrived, "who gave it learns that it came");
  });
});
