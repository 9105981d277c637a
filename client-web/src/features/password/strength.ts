import { MOST_PASSWORD_BYTES, passwordBytes } from "@hearth/protocol";
import type { ZxcvbnResult } from "@zxcvbn-ts/core";

export const MIN_LENGTH = 12;
/** zxcvbn's scale is 0 to 4; 3 takes a determined guesser with the server's database years. */
export const MIN_SCORE = 3;

export type Verdict = {
  readonly ok: boolean;
  /** 0 to 4, for the meter. */
  readonly score: number;
  /** What to do, or that it is good. */
  readonly words: string;
};

type Judged = Pick<ZxcvbnResult, "score" | "sequence">;

/** Whether a password will do, in words that help to mend it. */
export function judge(password: string, result: Judged): Verdict {
  const missing = MIN_LENGTH - [...password].length;
  if (missing > 0)
    return {
      ok: false,
      score: Math.min(result.score, 2),
      words: `${missing === 1 ? "One more character" : `${missing} more characters`}. Four or five unrelated words will do.`,
    };
  const over = passwordBytes(password) - MOST_PASSWORD_BYTES;
  if (over > 0)
    return {
      ok: false,
      score: 2,
      words: `Too long by ${over}: the server reads ${MOST_PASSWORD_BYTES} bytes of it, which is ${MOST_PASSWORD_BYTES} plain letters, and fewer with accents or emoji.`,
    };
  if (result.score < MIN_SCORE) return { ok: false, score: result.score, words: weakness(result.sequence) };
  return { ok: true, score: result.score, words: "Good: hard to guess." };
}

function weakness(sequence: Judged["sequence"]): string {
  const longest = [...sequence].sort((a, b) => b.token.length - a.token.length)[0];
  switch (longest?.pattern) {
    case "dictionary":
      return "Too easy to guess: most of it is a common password, a word or your own name. Add unrelated words.";
    case "repeat":
      return "Too easy to guess: it repeats itself. Use different words instead.";
    case "sequence":
      return "Too easy to guess: it runs along the alphabet or the numbers. Use unrelated words instead.";
    case "spatial":
      return "Too easy to guess: it runs along the keyboard. Use unrelated words instead.";
    case "date":
      return "Too easy to guess: most of it is a date. Add unrelated words.";
    default:
      return "Too easy to guess. Add one or two unrelated words.";
  }
}

/** Loads the estimator and its lists on first use: most visits never need them. */
export async function loadJudge(): Promise<(password: string, own: readonly string[]) => Verdict> {
  const [{ ZxcvbnFactory }, { adjacencyGraphs, dictionary }] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
  ]);
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });
  return (password, own) =>
    // A very long one is strong anyway, and the estimate takes time by its length.
    judge(password, estimator.check(password.slice(0, 64), ["hearth", ...own.filter((word) => word !== "")]));
}
