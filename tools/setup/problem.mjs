/**
 * A failure that was foreseen: its message is one sentence that says what to do, and is shown without a stack.
 * `details` are the last lines of whatever failed, for who wants to know more.
 */
export class Problem extends Error {
  /**
   * @param {string} sentence
   * @param {string[]} [details]
   */
  constructor(sentence, details = []) {
    super(sentence);
    this.name = "Problem";
    this.details = details;
  }
}

/**
 * Shows a failure and returns the exit code that goes with it.
 * @param {unknown} error
 * @returns {number}
 */
export function showProblem(error) {
  if (error instanceof Problem) {
    for (const line of error.details) process.stderr.write(`    ${line}\n`);
    process.stderr.write(`\n${error.message}\n`);
  } else {
    process.stderr.write(`\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  }
  return 1;
}
