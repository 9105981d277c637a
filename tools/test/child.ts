// Children of the test runner: each is stopped with it, and none may hang it for ever.
import { spawn, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { root } from "../setup/index.mjs";

export type Ended = { ok: boolean; output: string };
/**
 * What becomes of a child's output: `keep` it for whoever wants to show it; give the child our own streams (`inherit`),
 * so that it may draw on a terminal; or pass on whole `lines` as they come, where others print too.
 */
export type Output = "keep" | "inherit" | "lines";
type Options = { cwd?: string; output?: Output; limitMinutes?: number; env?: Record<string, string> };

const running = new Set<ChildProcess>();
let stopped = false;

/** Asks every child to end, and starts none any more. */
export function stopChildren(signal: NodeJS.Signals): void {
  stopped = true;
  for (const child of running) child.kill(signal);
}

/**
 * Runs `command` to its end, from the project's root unless `cwd` says otherwise. Its output is in what this gives only
 * if it is kept, as it is unless `output` says otherwise. After `limitMinutes` (default 10) the child is stopped and
 * counts as failed.
 */
export function runToEnd(command: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  const { cwd = root, output = "keep", limitMinutes = 10, env = {} } = options;
  if (stopped) return Promise.resolve({ ok: false, output: "Stopped before it began.\n" });
  return new Promise((resolve) => {
    const stdio = output === "inherit" ? "inherit" : "pipe";
    const coloured: Record<string, string> =
      output === "lines" && process.stdout.isTTY ? { FORCE_COLOR: "1" } : {};
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...coloured, ...env },
      stdio: ["ignore", stdio, stdio],
    });
    running.add(child);
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (output === "lines") passOnLines(stream);
      else stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
    }
    const said = () => Buffer.concat(chunks).toString("utf8");

    let late = false;
    const limit = setTimeout(() => {
      late = true;
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), 10_000).unref();
    }, limitMinutes * 60_000);

    const end = (ended: Ended) => {
      clearTimeout(limit);
      running.delete(child);
      resolve(ended);
    };
    child.on("error", (error) => end({ ok: false, output: `${command}: ${error.message}\n` }));
    child.on("close", (code) =>
      end({
        ok: code === 0 && !late,
        output: late ? `${said()}\nStopped: it did not end within ${limitMinutes} minutes.\n` : said(),
      }),
    );
  });
}

/** Nobody else's output comes to stand in the middle of a line. */
function passOnLines(stream: Readable | null): void {
  let begun = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (text: string) => {
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) process.stdout.write(begun + text.slice(0, end));
    begun = end > 0 ? text.slice(end) : begun + text;
  });
  stream?.on("end", () => {
    if (begun !== "") process.stdout.write(`${begun}\n`);
  });
}
