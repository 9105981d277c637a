/** One line an event, for people; never with a secret in it. */
export type Log = {
  info(text: string): void;
  warn(text: string): void;
  error(text: string, error?: unknown): void;
};

export function createLog(write: (line: string) => void, clock: () => number): Log {
  const line = (level: string, text: string) =>
    write(`${new Date(clock()).toISOString()} ${level.padEnd(5)} bots ${text}\n`);
  return {
    info: (text) => line("info", text),
    warn: (text) => line("warn", text),
    error: (text, error) => line("error", error === undefined ? text : `${text}: ${describe(error)}`),
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The place in the code is worth a few lines only for what nobody foresaw.
  return error.name === "HomeserverError" ? error.message : (error.stack ?? error.message);
}

/** For tests and for commands whose output is their own. */
export const silentLog: Log = { info() {}, warn() {}, error() {} };
