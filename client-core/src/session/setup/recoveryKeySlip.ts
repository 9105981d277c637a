import { InvalidRecoveryKey, readRecoveryKey } from "../../sdk/recoveryKey.ts";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const LENGTH = 48;
const GROUP = 4;
/** Characters that a recovery key never has, because they are taken for others. */
const LOOKALIKES: Readonly<Record<string, string>> = { "0": "o", O: "o", I: "1, i or L", l: "1, i or L" };

/**
 * Says where a recovery key that can't be read is wrong, as closely as that can be known. A character that no key has
 * is found at once. Else each single slip (one wrong, two swapped, one missing, one too many) is mended in turn, and
 * whether that gives the account's key tells the place for sure. The right character is not said.
 * @param typed no whole recovery key
 * @param fits whether these 32 bytes are the account's key
 */
export async function explainSlip(
  typed: string,
  fits: (key: Uint8Array<ArrayBuffer>) => Promise<boolean>,
): Promise<string> {
  const characters = [...typed.replaceAll(/[\s\u00a0-]/g, "")];
  const strange = characters.findIndex((character) => !ALPHABET.includes(character));
  const shown = characters[strange];
  if (shown !== undefined) {
    const hint = LOOKALIKES[shown];
    return `Group ${groupOf(strange)} has “${shown}” in it, which no recovery key has.${hint === undefined ? "" : ` Perhaps it is ${hint}.`}`;
  }
  for (const { at, mended } of singleMends(characters)) {
    const bytes = read(mended);
    if (bytes && (await fits(bytes)))
      return `The slip is in group ${groupOf(at)}: ${SLIPS[sign(characters)]}.`;
  }
  if (characters.length !== LENGTH)
    return `That is not a whole recovery key: it has ${characters.length} ${characters.length === 1 ? "character" : "characters"}, and a key has ${LENGTH}, in ${LENGTH / GROUP} groups of four.`;
  return "That is not a recovery key: more than one character is wrong, so Hearth can’t say which. It begins with “Es”; compare it group by group.";
}

const SLIPS = {
  missing: "a character is missing there",
  same: "one character is wrong, or two are swapped",
  extra: "there is a character too many",
};

function sign({ length }: readonly string[]): keyof typeof SLIPS {
  return length < LENGTH ? "missing" : length > LENGTH ? "extra" : "same";
}

/** Every text that one slip could have made into this one, and where the slip would be. */
function* singleMends(typed: readonly string[]): Iterable<{ at: number; mended: string }> {
  const mend = (at: number, removed: number, ...put: string[]) => ({
    at,
    mended: typed.toSpliced(at, removed, ...put).join(""),
  });
  for (let at = 0; at <= typed.length; at++) {
    const [here, next] = [typed[at], typed[at + 1]];
    if (typed.length === LENGTH + 1) yield mend(at, 1);
    else if (typed.length === LENGTH - 1) for (const letter of ALPHABET) yield mend(at, 0, letter);
    else if (typed.length === LENGTH && here !== undefined) {
      for (const letter of ALPHABET) if (letter !== here) yield mend(at, 1, letter);
      if (next !== undefined && next !== here) yield mend(at, 2, next, here);
    }
  }
}

/** Undefined for all but about one in 65,000: the key's first two bytes and its parity are checked. */
function read(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return readRecoveryKey(text).bytes;
  } catch (error) {
    if (error instanceof InvalidRecoveryKey) return undefined;
    throw error;
  }
}

const groupOf = (at: number) => Math.min(Math.floor(at / GROUP) + 1, LENGTH / GROUP);
