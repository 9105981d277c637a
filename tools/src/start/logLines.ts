// Log lines as a person at a terminal wants them: the time of day, which part, how bad, and what. What is routine is
// left out; all of it stands in the files.

export type Part = "homeserver" | "bots" | "web";

const longest = 180;

/** @returns the short line, or undefined for one that needn't be shown */
export function shorten(part: Part, line: string): string | undefined {
  const short = { homeserver: homeserverLine, bots: botsLine, web: webLine }[part](line.trimEnd());
  if (short === undefined) return undefined;
  return short.length > longest ? `${short.slice(0, longest - 1)}…` : short;
}

function say(time: string, part: Part, text: string): string {
  return `${time} ${part.padEnd(10)} ${text}`;
}

/** `2026-01-01 10:20:30,456 WARNING synapse.http.server text`; tracebacks have no such head and stay in the file. */
function homeserverLine(line: string): string | undefined {
  const [, time, level, logger = "", text = ""] =
    /^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d),\d+ (WARNING|ERROR|CRITICAL) +(\S+) (.*)$/.exec(line) ?? [];
  if (!time || !level || isRoutine(text)) return undefined;
  return say(time, "homeserver", `${level.toLowerCase()}: ${text} (${logger.replace(/^synapse\./, "")})`);
}

/** A page that is closed or reloaded drops its long poll; Synapse warns of each. */
function isRoutine(text: string): boolean {
  return text.startsWith("Not sending response to request ");
}

/** `2026-01-01T10:20:30.456Z POST /_matrix/client/v3/login 403 12 ms`: failures, and what the allow-list refused. */
function webLine(line: string): string | undefined {
  const [, time, rest] = /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d+Z (.*)$/.exec(line) ?? [];
  if (!time || rest === undefined) return undefined;
  if (rest.startsWith("ERROR")) return say(time, "web", rest);
  const status = Number(/ (\d{3})( cut)? \d+ ms$/.exec(rest)?.[1]);
  return status >= 500 || status === 403 || status === 413 ? say(time, "web", rest) : undefined;
}

/** `2026-01-01T10:20:30.456Z info  bots text`; what else the process prints, such as a crash, is shown as it is. */
function botsLine(line: string): string | undefined {
  if (line === "" || line.startsWith("{")) return undefined;
  const [, time, level, text] =
    /^\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\S* (\w+) +(?:bots )?(.*)$/.exec(line) ?? [];
  if (!time || !level || text === undefined) return say("        ", "bots", line);
  return say(time, "bots", level === "info" ? text : `${level}: ${text}`);
}
