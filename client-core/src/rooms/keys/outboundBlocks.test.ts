import { RoomId, type KeyTimes } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OutboundBlocks } from "./outboundBlocks.ts";

const ROOM = RoomId.parse("!room");

/**
 * Stands in for the crypto machine's outbound sessions: one a room, stored; a restart forgets what is loaded, and only
 * what is loaded can be discarded.
 */
class FakeMachine {
  #stored: { id: string; madeAt: number } | undefined;
  #loaded = false;
  #made = 0;

  restart(): void {
    this.#loaded = false;
  }

  discard(): void {
    if (this.#loaded) this.#stored = undefined;
  }

  encrypt(now: number): { session_id: string; madeAt: number } {
    this.#stored ??= { id: `session-${++this.#made}`, madeAt: now };
    this.#loaded = true;
    return { session_id: this.#stored.id, madeAt: this.#stored.madeAt };
  }
}

type Step =
  | { kind: "send" }
  | { kind: "send fails"; after: "encrypting" | "storing" }
  | { kind: "restart" }
  | { kind: "recipients changed" }
  | { kind: "time"; ms: number }
  | { kind: "policy"; block: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>({ kind: "send" }) },
  fc.constantFrom<Step>(
    { kind: "send fails", after: "encrypting" },
    { kind: "send fails", after: "storing" },
    { kind: "restart" },
    { kind: "recipients changed" },
  ),
  fc.integer({ min: -3000, max: 5000 }).map<Step>((ms) => ({ kind: "time", ms })),
  fc.constantFrom(1000, 2000, 5000).map<Step>((block) => ({ kind: "policy", block })),
);

test("[K2] whatever happens between two sends, no session is used in two blocks, or under two policies", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const machine = new FakeMachine();
      const stored = new Map<string, unknown>();
      const times: KeyTimes = { block: 2000, window: 6000 };
      let current = times;
      let policy = 0;
      let now = 1_000_000;
      let failing: "encrypting" | "storing" | undefined;
      const start = () =>
        new OutboundBlocks({
          records: {
            get: <T>(_: string, key: string) => Promise.resolve(stored.get(key) as T | undefined),
            write: (changes) => {
              if (failing === "storing") return Promise.reject(new Error("the disk is full"));
              for (const { key, value } of changes) stored.set(key, value);
              return Promise.resolve();
            },
          },
          discard: () => Promise.resolve(machine.discard()),
          times: () => current,
          policy: () => `$policy-${policy}`,
          now: () => now,
        });
      let blocks = start();
      const usedIn = new Map<string, string>();
      const send = () =>
        blocks.encrypt(ROOM, (block) => {
          const wire = machine.encrypt(now);
          return failing === "encrypting"
            ? Promise.reject(new Error("no network"))
            : Promise.resolve({ ...wire, block });
        });
      for (const one of steps) {
        if (one.kind === "time") now += one.ms;
        else if (one.kind === "policy") {
          current = { ...times, block: one.block };
          policy += 1;
        } else if (one.kind === "recipients changed") machine.discard();
        else if (one.kind === "restart") {
          machine.restart();
          blocks = start();
        } else if (one.kind === "send fails") {
          failing = one.after;
          await send().then(undefined, () => undefined);
          failing = undefined;
        } else {
          const wire = await send();
          expect(wire.block).toBe(Math.floor(now / current.block) * current.block);
          const used = `${wire.block} ${policy}`;
          expect(usedIn.get(wire.session_id) ?? used).toBe(used);
          usedIn.set(wire.session_id, used);
        }
      }
    }),
  );
});

test("[K2] a restart within a block goes on with the session it had", async () => {
  const machine = new FakeMachine();
  const stored = new Map<string, unknown>();
  const start = () =>
    new OutboundBlocks({
      records: {
        get: <T>(_: string, key: string) => Promise.resolve(stored.get(key) as T | undefined),
        write: (changes) => Promise.resolve(changes.forEach(({ key, value }) => stored.set(key, value))),
      },
      discard: () => Promise.resolve(machine.discard()),
      times: () => ({ block: 2000, window: 6000 }),
      policy: () => "$policy",
      now: () => 1_000_000,
    });
  const encrypt = () => Promise.resolve(machine.encrypt(0));
  const before = await start().encrypt(ROOM, encrypt);
  machine.restart();
  expect((await start().encrypt(ROOM, encrypt)).session_id).toBe(before.session_id);
});
