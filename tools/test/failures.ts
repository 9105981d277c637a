/** One test that failed, as vitest's JSON report has it: what there is to say about it at the end of a run. */
export type Failure = {
  /** Where it stands: a path below the project's root, or a phase. */
  file: string;
  /** The test's whole name; that of its file when the file did not load. */
  name: string;
  /** Why, with a stack if there is one. */
  message: string;
};

const LINES_EACH = 14;
const COLUMNS = 1200;
const WHOLE = 6;

/**
 * What failed, once more, for the last screen of a run: whoever reads the end of a long log (often its only part that
 * was kept) finds there which test it was and why.
 * @returns lines; none when nothing failed
 */
export function failuresAgain(failures: readonly Failure[]): string[] {
  if (failures.length === 0) return [];
  const [whole, rest] = [failures.slice(0, WHOLE), failures.slice(WHOLE)];
  return [
    "What failed:",
    ...whole.flatMap((each) => [heading(each), ...shortened(each.message).map((line) => `    ${line}`)]),
    ...rest.map(heading),
  ];
}

const heading = ({ file, name }: Failure): string => `  ✗ ${file}: ${name}`;

function shortened(message: string): string[] {
  const lines = stripColours(message)
    .split("\n")
    .filter(
      (line) => line.trim() !== "" && !line.includes("/node_modules/") && !line.includes("node:internal"),
    )
    .map((line) => (line.length > COLUMNS ? `${line.slice(0, COLUMNS)} …` : line));
  const more = lines.length - LINES_EACH;
  return more > 0 ? [...lines.slice(0, LINES_EACH), `… and ${more} more lines above`] : lines;
}

// oxlint-disable-next-line no-control-regex -- escape sequences are what it looks for
const stripColours = (text: string): string => text.replaceAll(/\u001b\[[0-9;]*m/g, "");
