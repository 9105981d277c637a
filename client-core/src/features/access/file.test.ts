import { expect, test } from "vitest";
import { openFile, sealFile } from "./file.ts";

const plain = new TextEncoder().encode("Example: what is in the file");

test("[Q5] a sealed file opens to what was sealed, and its bytes say nothing of it", async () => {
  const { ciphertext, ...part } = await sealFile(plain);
  expect(new TextDecoder().decode(ciphertext)).not.toContain("Example");
  expect(await openFile(ciphertext, part)).toEqual(plain);
  const again = await sealFile(plain);
  expect(again.ciphertext).not.toEqual(ciphertext);
});

test("[Q5] a file of which one byte differs, or that is shorter or longer, is not opened", async () => {
  const { ciphertext, ...part } = await sealFile(plain);
  const changed = ciphertext.slice();
  changed[3] = (changed[3] ?? 0) ^ 1;
  const longer = new Uint8Array(ciphertext.length + 1);
  longer.set(ciphertext);
  for (const bytes of [changed, ciphertext.slice(0, -1), longer, new Uint8Array()])
    expect(await openFile(bytes, part)).toBeUndefined();
  expect(await openFile(ciphertext, { ...part, key: "short" })).toBeUndefined();
});
