import fc from "fast-check";
import { expect, test } from "vitest";
import { SafeFile } from "./safeFile.ts";
import type { RawFiles } from "./safeFile.ts";

/** A folder in memory whose power may fail: at the n-th step a write leaves a part of its bytes, and nothing follows. */
class FailingFolder implements RawFiles {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  stepsLeft = Infinity;
  read(name: string) {
    return Promise.resolve(this.files.get(name)?.slice());
  }
  write(name: string, bytes: Uint8Array<ArrayBuffer>) {
    return this.#step(
      () => this.files.set(name, bytes.slice()),
      () => this.files.set(name, bytes.slice(0, Math.floor(bytes.length / 2))),
    );
  }
  destroy(name: string) {
    return this.#step(
      () => this.files.delete(name),
      () => this.files.has(name) && this.files.set(name, new Uint8Array(3)),
    );
  }
  #step(whole: () => unknown, torn: () => unknown): Promise<void> {
    this.stepsLeft -= 1;
    if (this.stepsLeft >= 0) return Promise.resolve(void whole());
    if (this.stepsLeft === -1) torn();
    return Promise.reject(new Error("no power"));
  }
}

const bytes = (n: number) => new Uint8Array([n, n, n]);

test("it holds what was written last, and nothing once destroyed", async () => {
  const folder = new FailingFolder();
  const file = new SafeFile(folder, "f");
  expect(await file.read()).toBeUndefined();
  for (const n of [1, 2, 3]) await file.write(bytes(n));
  expect(await new SafeFile(folder, "f").read()).toEqual(bytes(3));
  expect(folder.files.size).toBe(1);
  await file.destroy();
  expect(await file.read()).toBeUndefined();
  expect(folder.files.size).toBe(0);
});

test("[P7] destroyed by one who holds it, it is not brought back by another who held it before", async () => {
  const folder = new FailingFolder();
  const file = new SafeFile(folder, "f");
  await file.write(bytes(1));
  await Promise.all([new SafeFile(folder, "f").destroy(), file.write(bytes(2))]);
  await file.write(bytes(3));
  expect(folder.files.size).toBe(0);
  await new SafeFile(folder, "f").write(bytes(4));
  expect(await file.read()).toEqual(bytes(4));
});

test("writes that are asked for at once land in their order", async () => {
  const folder = new FailingFolder();
  const file = new SafeFile(folder, "f");
  await Promise.all([1, 2, 3, 4].map((n) => file.write(bytes(n))));
  expect(await file.read()).toEqual(bytes(4));
});

test("cut off at any step of any write, however often, it holds what was in it or what was written", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(2), { minLength: 1, maxLength: 12 }), async (kills) => {
      const folder = new FailingFolder();
      await new SafeFile(folder, "f").write(bytes(0));
      let before = 0;
      for (const [i, steps] of kills.entries()) {
        folder.stepsLeft = steps;
        await new SafeFile(folder, "f").write(bytes(i + 1)).catch(() => {});
        folder.stepsLeft = Infinity;
        const now = await new SafeFile(folder, "f").read();
        expect([bytes(before), bytes(i + 1)]).toContainEqual(now);
        before = now?.[0] ?? 0;
      }
    }),
  );
});
