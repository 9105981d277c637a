import { expect, test } from "vitest";
import { newRecoveryKey } from "../../sdk/recoveryKey.ts";
import { explainSlip } from "./recoveryKeySlip.ts";

/** With no two like characters side by side: then each slip is one, and has one place. */
function distinctKey(): ReturnType<typeof newRecoveryKey> {
  const made = newRecoveryKey();
  return /(.) ?\1/.test(made.encoded) ? distinctKey() : made;
}

const key = distinctKey();
const fits = (bytes: Uint8Array) => Promise.resolve(bytes.join() === key.bytes.join());
const flat = key.encoded.replaceAll(" ", "");
const with_ = (at: number, removed: number, put: string) =>
  flat.slice(0, at) + put + flat.slice(at + removed);
const other = (character: string | undefined) => (character === "7" ? "8" : "7");

test("a character that no recovery key has is found, with what it may be", async () => {
  expect(await explainSlip(with_(9, 1, "0"), fits)).toBe(
    "Group 3 has “0” in it, which no recovery key has. Perhaps it is o.",
  );
  expect(await explainSlip(with_(47, 1, "!"), fits)).toMatch(/^Group 12 has “!”/);
});

test.each([0, 5, 21, 47])("one wrong character at %i is found by its group", async (at) => {
  const group = Math.floor(at / 4) + 1;
  expect(await explainSlip(with_(at, 1, other(flat[at])), fits)).toMatch(
    new RegExp(`slip is in group ${group}:`),
  );
});

test("two swapped, one missing and one too many are found by their group", async () => {
  const swapped = with_(17, 2, `${flat[18]}${flat[17]}`);
  expect(await explainSlip(swapped, fits)).toMatch(/group 5: one character is wrong, or two are swapped/);
  expect(await explainSlip(with_(30, 1, ""), fits)).toMatch(/group [78]: a character is missing/);
  expect(await explainSlip(with_(30, 0, other(flat[30])), fits)).toMatch(/group [78]: .* too many/);
});

test("what can't be known is not pretended", async () => {
  const two = with_(8, 1, other(flat[8]));
  const twice = two.slice(0, 40) + other(two[40]) + two.slice(41);
  expect(await explainSlip(twice, fits)).toMatch(/more than one character is wrong/);
  expect(await explainSlip("Es12 3456", fits)).toMatch(/it has 8 characters, and a key has 48/);
  expect(await explainSlip("", fits)).toMatch(/it has 0 characters/);
});
