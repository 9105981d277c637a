// Children of the test runner: each is stopped with it, and none may hang it for ever.
import { spawn, type ChildProcess } from "node:child_process";
import { root } from "../setup/index.mjs";

export type Ended = { ok: boolean; output: string };
type Options = { cwd?: string; stream?: boolean; limitMinutes?: number; env?: Record<string, string> };

const running = new Set<ChildProcess>();

/** Asks every child to end; called when the runner itself is told to. */
export function stopChildren(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
}

/**
 * Runs `command` to its end, from the project's root unless `cwd` says otherwise. With `stream` its output goes to ours as it comes and `output` stays
 * empty; otherwise it is kept. After `limitMinutes` (default 10) the child is stopped and counts as failed.
 */
export function runToEnd(command: string, args: readonly string[], options: Options = {}): Promise<Ended> {
  const { cwd = root, stream = false, limitMinutes = 10, env = {} } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", stream ? "inherit" : "pipe", stream ? "inherit" : "pipe"],
    });
    running.add(child);
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => chunks.push(chunk));
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
