import type { ClientPort } from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { expect, onTestFinished } from "vitest";
import { until } from "../../support/server.ts";
import { must, roomOf, token, waitForView } from "../../support/world.ts";
import type { Member, World } from "../../support/world.ts";
import { systemClock } from "../../../client-core/src/work/clock.ts";
import { CuttableNetwork } from "./cuttableNetwork.ts";

type Fetch = CuttableNetwork["fetch"];

/**
 * A device whose clock, network and storage are the test's. Kept storage stands for a program started again. It is
 * switched off when the test ends that started it.
 */
export class Device {
  /** Another one may be put in its place while it is switched off. */
  storage = new MemoryStorage();
  readonly network: CuttableNetwork;
  /** How far its clock is from the right time, in milliseconds. */
  off = 0;
  /** For how much longer than in truth its program has run, in milliseconds. */
  ran = 0;
  /** When its clock stands still: what it shows. */
  stopped: number | undefined;
  readonly #world: World;
  #client: ClientPort | undefined;

  /** @param counts see CuttableNetwork */
  constructor(world: World, counts?: (line: string) => boolean) {
    this.#world = world;
    this.network = new CuttableNetwork(counts);
  }

  /** What its program asks; the network, unless somebody is on the way. */
  protected readonly fetch: Fetch = (url, init) => this.network.fetch(url, init);

  get client(): ClientPort {
    if (!this.#client) throw new Error("the device is switched off");
    return this.#client;
  }

  get deviceId(): string {
    return this.client.view("session")?.deviceId ?? "";
  }

  get phase() {
    return this.client.view("session")?.phase;
  }

  /** Starts its program, anew if it runs. */
  async start(): Promise<this> {
    await this.#client?.dispose();
    const client = await createNodeClient({
      baseUrl: this.#world.instance.webUrl,
      storage: this.storage,
      fetch: (url, init) => this.fetch(url, init),
      clock: {
        ...systemClock,
        now: () => (this.stopped ?? Date.now()) + this.off,
        monotonic: () => systemClock.monotonic() + this.ran,
      },
    });
    onTestFinished(() => client.dispose());
    this.#client = client;
    return this;
  }

  /**
   * Starts it again until it has moved to another place, as its first start in a key block does: the length of the blocks
   * is written down a moment after the device shows it.
   * @param open what lets the person in after a start
   */
  async startsElsewhere(open: () => Promise<unknown>): Promise<void> {
    const place = async () => (await this.storage.peek())?.databasePrefix;
    const before = await place();
    await until("a start moved it to another place", async () => {
      await this.start();
      await open();
      return (await place()) !== before;
    });
  }

  stop(): Promise<void> {
    return this.client.dispose();
  }

  async signIn({ userName, password, recoveryKey }: Member): Promise<this> {
    await must(this.client, "session.signIn", { userName, password });
    await must(this.client, "encryption.unlock", { recoveryKey });
    await this.is("ready");
    await waitForView(this.client, "org", ({ policy }) => policy !== undefined, "the policy is known");
    return this;
  }

  /** Signs in again where the password alone may do: to a device that is known still. */
  async signInAgain({ userName, password, recoveryKey }: Member): Promise<void> {
    await must(this.client, "session.signIn", { userName, password });
    const { phase } = await waitForView(
      this.client,
      "session",
      (view) => view.phase.kind === "setup" || view.phase.kind === "ready",
      "it goes on",
    );
    if (phase.kind === "setup") await must(this.client, "encryption.unlock", { recoveryKey });
    await this.is("ready");
  }

  is(kind: string) {
    return waitForView(this.client, "session", ({ phase }) => phase.kind === kind, `it is ${kind}`);
  }

  /** Nothing of anybody in any view. */
  showsNothing(): void {
    for (const slice of ["org", "team", "requests", "outbox", "devices"] as const)
      expect(this.client.view(slice)).toBeUndefined();
  }

  /** The page says that the keys are gone, and why; and nothing is left of them. */
  async isDestroyed(notice: string | RegExp = "destroyed its keys"): Promise<void> {
    const { phase } = await this.is("signed_out");
    const said = typeof notice === "string" ? expect.stringContaining(notice) : expect.stringMatching(notice);
    expect(phase).toMatchObject({ notice: said as string });
    expect(await this.storage.peek()).toBeUndefined();
    this.showsNothing();
  }

  async stillHasKeys(): Promise<void> {
    expect(await (await this.storage.peek())?.rootKey.read()).toBeDefined();
  }
}

let people = 0;

/** A member who has this device, which joined with it, and can read a request there that the admin has opened. */
export async function responderWith<D extends Device>(world: World, device: D) {
  const admin = world.adminMember;
  const ready = await world.stored(["responder"]);
  if (ready) device.storage = await MemoryStorage.from(ready.storage);
  await device.start();
  const member = ready
    ? { ...ready.account, client: device.client }
    : await world.member(`Responder ${++people}`, ["responder"], device.client);
  await device.is("ready");
  await waitForView(device.client, "org", ({ policy }) => policy !== undefined, "the policy is known");
  const title = `For ${member.displayName} ${token()}`;
  await must(admin.client, "request.open", { fields: { description: title }, invite: [member.userId] });
  const reads = () =>
    waitForView(
      device.client,
      "requests",
      (view) => view.rows.some((row) => row.title === title && row.problem === undefined),
      "the request can be read",
    );
  await reads();
  return {
    member,
    device,
    reads,
    title,
    deviceId: device.deviceId,
    roomId: await roomOf(device.client, title),
  };
}
