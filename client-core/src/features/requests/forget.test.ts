import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { throughRoom } from "../../rooms/phases.ts";
import type { Room } from "../../rooms/room.ts";
import { requestIn, saidIn } from "./projection.ts";
import { FakeRequest } from "./testing/fakeRequest.ts";

// Many generated histories: a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const DAY = 86_400_000;
const NOON = 100.5 * DAY;

/** A request on a device that keeps five days, and the device. */
async function started() {
  const fake = new FakeRequest(NOON);
  fake.times = { block: DAY, window: 5 * DAY };
  fake.write({
    kind: "open",
    displayId: "1123-K7Q",
    fields: { description: "word-opened", location: "word-first", caller_name: "word-caller" },
  });
  const device = { room: fake.room(), synced: 0 };
  await sync(fake, device);
  return { fake, device };
}

type Device = { room: Room; synced: number };

async function sync(fake: FakeRequest, device: Device): Promise<void> {
  if (device.synced < fake.events.length) await throughRoom(device.room, fake.update(device.synced, 1000));
  device.synced = fake.events.length;
  await fake.prune(device.room);
}

async function wait(fake: FakeRequest, device: Device, days: number): Promise<void> {
  fake.now += days * DAY;
  await fake.prune(device.room);
}

const storedText = (room: Room) => JSON.stringify(room.store());
const says = saidIn;

describe("[P3] [K7] a closed request goes whole when its closing is past", () => {
  for (const loaded of [true, false])
    test(`whoever summed it up since, ${loaded ? "loaded" : "not loaded"}`, async () => {
      const { fake, device } = await started();
      const restart = () => {
        if (!loaded) device.room = fake.restarted(device.room);
      };
      fake.write({ kind: "close", outcome: "word-outcome" });
      await sync(fake, device);
      await wait(fake, device, 3);
      // Somebody was added.
      fake.write({ kind: "snapshot" });
      await sync(fake, device);
      restart();
      await wait(fake, device, 3);
      for (let day = 0; day < 6; day += 1) {
        expect(storedText(device.room)).not.toContain("word-");
        const shown = fake.restarted(device.room);
        await shown.refold();
        expect(requestIn(shown)?.folded).toBeUndefined();
        expect(storedText(shown)).not.toContain("word-");
        expect(says(device.room)).toBeUndefined();
        restart();
        await wait(fake, device, 1);
      }
    });

  test("a closing that a summary tells of is as old as it says, or as the summary, whichever is earlier", async () => {
    const { fake } = await started();
    fake.write({ kind: "close" });
    fake.now += 3 * DAY;
    fake.write({ kind: "snapshot" });
    for (const { eventId } of fake.inputs.slice(0, -1)) fake.unreadable.add(eventId);
    const late: Device = { room: fake.room(), synced: 0 };
    await sync(fake, late);
    expect(requestIn(late.room)?.folded?.closed).not.toBeNull();
    expect(requestIn(late.room)?.closing?.at).toBe(NOON);
    await wait(fake, late, 3);
    expect(storedText(late.room)).not.toContain("word-");
    // One that comes only now brings nothing back.
    fake.write({ kind: "snapshot" });
    await sync(fake, late);
    expect(requestIn(late.room)?.folded).toBeUndefined();
    expect(storedText(late.room)).not.toContain("word-");
  });

  test("reopened, it says what the next summary tells", async () => {
    const { fake, device } = await started();
    fake.write({ kind: "close" });
    await sync(fake, device);
    await wait(fake, device, 7);
    expect(says(device.room)).toBeUndefined();
    fake.write({ kind: "reopen" });
    fake.write({ kind: "snapshot" });
    await sync(fake, device);
    expect(says(device.room)).toEqual(fake.state.folded);
    await wait(fake, device, 7);
    expect(says(device.room)).toEqual(fake.state.folded);
  });
});

describe("[P3] [K7] of what is past, an open request carries on what it says now and nothing else", () => {
  test("a value that a newer edit replaced goes when its own event is past", async () => {
    const { fake, device } = await started();
    await wait(fake, device, 2);
    fake.write({
      kind: "edit",
      changes: { description: "word-now", location: "word-second", caller_name: null },
    });
    await sync(fake, device);
    expect(device.room.store().base).toBeNull();
    await wait(fake, device, 4);
    for (const old of ["word-opened", "word-first", "word-caller"])
      expect(storedText(device.room)).not.toContain(old);
    expect(says(device.room)).toEqual(fake.state.folded);
    const again = fake.restarted(device.room);
    await again.refold();
    expect(requestIn(again)?.folded).toEqual(fake.state.folded);
    expect(again.digest.incomplete).toBe(false);
  });

  test("one that is replaced when it is past already goes at once", async () => {
    const { fake, device } = await started();
    await wait(fake, device, 7);
    expect(storedText(device.room)).toContain("word-first");
    fake.write({ kind: "edit", changes: { location: "word-second" } });
    await throughRoom(device.room, fake.update(device.synced, 1000));
    expect(storedText(device.room)).not.toContain("word-first");
    expect(says(device.room)).toEqual(fake.state.folded);
  });

  test("what came of an earlier closing goes too", async () => {
    const { fake, device } = await started();
    fake.write({ kind: "close", outcome: "word-outcome" });
    await wait(fake, device, 2);
    fake.write({ kind: "reopen" });
    await sync(fake, device);
    await wait(fake, device, 4);
    expect(storedText(device.room)).not.toContain("word-outcome");
    await wait(fake, device, 9);
    expect(says(device.room)).toEqual(fake.state.folded);
  });

  test("[S4] no honest summary is called false for what was left out, and a false one is", async () => {
    const { fake, device } = await started();
    await wait(fake, device, 2);
    fake.write({ kind: "set_status", status: "on_site" });
    fake.write({ kind: "edit", changes: { location: "word-second" } });
    await sync(fake, device);
    await wait(fake, device, 4);
    device.room = fake.restarted(device.room);
    // By somebody who has not heard of the edit yet: it says what was left out here.
    fake.summarise(1);
    fake.summarise(0);
    await sync(fake, device);
    expect(requestIn(device.room)?.incomplete).toEqual([]);
    const lie = fake.summarise(0);
    const inside = fake.inside.get(lie);
    if (inside?.kind !== "entry") throw new Error("not written");
    const content = inside.content as { state: { fields: object } };
    const fields = { ...content.state.fields, location: "elsewhere" };
    fake.inside.set(lie, { ...inside, content: { ...content, state: { ...content.state, fields } } });
    await sync(fake, device);
    expect(requestIn(device.room)?.incomplete).toMatchObject([{ kind: "snapshot_mismatch" }]);
  });

  test("[S4] nor when the entry that replaced it was taken away", async () => {
    const { fake, device } = await started();
    await wait(fake, device, 2);
    const replacing = fake.write({ kind: "edit", changes: { location: "word-second" } });
    fake.write({ kind: "set_status", status: "on_site" });
    await sync(fake, device);
    await wait(fake, device, 4);
    fake.unreadable.add(replacing);
    await device.room.retry([replacing]);
    expect(requestIn(device.room)?.folded?.fields.location).toBeUndefined();
    fake.summarise(0);
    await sync(fake, device);
    expect(requestIn(device.room)?.incomplete.filter(({ kind }) => kind === "snapshot_mismatch")).toEqual([]);
  });
});

type Step =
  | {
      readonly do: "edit";
      readonly field: "description" | "location" | "caller_name";
      readonly empty: boolean;
    }
  | { readonly do: "status" | "close" | "reopen" | "chat" | "restart" | "look" | "sync" }
  | { readonly do: "sum"; readonly lag: number }
  | { readonly do: "wait"; readonly days: number }
  | { readonly do: "policy"; readonly days: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("edit" as const),
      field: fc.constantFrom("description" as const, "location" as const, "caller_name" as const),
      empty: fc.boolean(),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "status" as const,
        "close" as const,
        "reopen" as const,
        "chat" as const,
        "restart" as const,
        "look" as const,
        "sync" as const,
      ),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("sum" as const), lag: fc.constantFrom(0, 0, 1, 3) }) },
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("wait" as const), days: fc.constantFrom(0.4, 1, 2.3, 4) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("policy" as const), days: fc.constantFrom(2, 5, 9) }) },
);

/** The rule, told of a request that is followed from its beginning by a device, next to the device. */
class Followed {
  readonly fake: FakeRequest;
  readonly device: Device;
  /** When the server got each word. */
  readonly #said = new Map<string, number>();
  #closedAt: number | undefined;
  /** The request was gone at some time: what it said then is told again by a summary at the earliest. */
  wasGone = false;

  constructor(fake: FakeRequest, device: Device) {
    this.fake = fake;
    this.device = device;
    for (const word of ["word-opened", "word-first", "word-caller"]) this.#said.set(word, fake.now);
  }

  async run(next: Step): Promise<void> {
    const { fake, device } = this;
    const folded = fake.state.folded;
    const open = folded?.closed === null;
    if (next.do === "edit" && open) this.#edit(next.field, next.empty);
    else if (next.do === "status" && open)
      fake.write({ kind: "set_status", status: folded.hand_status === "on_site" ? "finished" : "on_site" });
    else if (next.do === "close" && open) {
      fake.write({ kind: "close", outcome: this.#word() });
      this.#closedAt = fake.now;
    } else if (next.do === "reopen" && !open) fake.write({ kind: "reopen" });
    else if (next.do === "sum") fake.summarise(next.lag);
    else if (next.do === "chat") fake.say(1);
    else if (next.do === "restart") device.room = fake.restarted(device.room);
    else if (next.do === "look") await device.room.refold();
    else if (next.do === "wait") fake.now += next.days * DAY;
    else if (next.do === "policy") fake.times = { block: DAY, window: next.days * DAY };
    // What a device has not heard of is still what it was: the rule is asked of one that is up to date.
    await sync(fake, device);
    this.#expectRule();
    if (next.do === "sum" && next.lag === 0 && fake.state.folded?.closed === null) this.wasGone = false;
  }

  #edit(field: "description" | "location" | "caller_name", empty: boolean): void {
    const { fields } = this.fake.state.folded ?? expect.fail("not opened");
    const value = empty && field !== "description" && fields[field] !== undefined ? null : this.#word();
    this.fake.write({ kind: "edit", changes: { [field]: value } });
  }

  #word(): string {
    const word = `word-${this.#said.size}-`;
    this.#said.set(word, this.fake.now);
    return word;
  }

  #expectRule(): void {
    const { fake, device } = this;
    const { folded } = fake.state;
    const isOver = folded?.closed != null && fake.isPast(this.#closedAt ?? Infinity);
    if (isOver) this.wasGone = true;
    const now = isOver ? "" : JSON.stringify(folded);
    const stored = storedText(device.room);
    for (const [word, at] of this.#said)
      if (fake.isPast(at) && !now.includes(word)) expect(stored).not.toContain(word);
    const request = requestIn(device.room);
    expect(request?.incomplete.filter(({ kind }) => kind === "snapshot_mismatch") ?? []).toEqual([]);
    if (isOver) expect(says(device.room)).toBeUndefined();
    else if (!this.wasGone) {
      expect(says(device.room)).toEqual(folded);
      expect(request?.incomplete ?? []).toEqual([]);
    }
  }
}

test("[P3] [K7] [S4] so it is in any order of edits, closings, summaries, restarts, time and policy", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { fake, device } = await started();
      const followed = new Followed(fake, device);
      for (const next of steps) await followed.run(next);
      // Whatever is loaded.
      const shown = fake.restarted(device.room);
      await shown.refold();
      if (!followed.wasGone) expect(says(shown)).toEqual(says(device.room));
    }),
    { numRuns: 300 },
  );
});
