// A long-running child: Synapse or the bots. It gets a process group of its own, so that Ctrl-C in the terminal reaches
// only the launcher, which then stops things in order. Each child watches a pipe that this process holds, and ends
// itself when the pipe closes: so none outlives a launcher that was killed.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Asks the child to end, and insists after `patience` milliseconds. Returns when it has ended.
 */
export async function stopChild(
  child: ChildProcess,
  signal: NodeJS.Signals = "SIGTERM",
  patience = 15_000,
): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill(signal);
  const insist = setTimeout(() => child.kill("SIGKILL"), patience);
  await ended;
  clearTimeout(insist);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
