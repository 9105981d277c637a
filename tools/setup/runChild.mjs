// Runs a child of set-up to its end, keeping the last lines it said.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";
import { Problem } from "./problem.mjs";

const keptLines = 60;
const shownLines = 15;

/** @type {{ sign: RegExp, sentence: string }[]} */
const knownCauses = [
  {
    sign: /ENOSPC|No space left on device/i,
    sentence: "The disk is full. Free about 2 GB and run the same command again.",
  },
  {
    sign: /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|name resolution|NewConnectionError|Network is unreachable|ConnectTimeout|ReadTimeout|Max retries exceeded|ProxyError|connect to proxy|tunneling socket|from versions: none/i,
    sentence:
      "The package registry can't be reached. Check this machine's network (and proxy settings, if it uses one), and run the same command again; what is already there is kept.",
  },
  {
    sign: /EACCES|EPERM|Permission denied/i,
    sentence:
      "A file or folder may not be written. Check that this clone belongs to you (files made by another user or with sudo get in the way), and run the same command again.",
  },
];

/**
 * @param {string[]} lines the last lines of a child that failed
 * @param {string} otherwise the sentence when the cause is not a known one
 */
export function sentenceFor(lines, otherwise) {
  const text = lines.join("\n");
  return knownCauses.find((cause) => cause.sign.test(text))?.sentence ?? otherwise;
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string | undefined>, progress?: (line: string) => void, otherwise: string }} options
 * @returns {Promise<string[]>} the last lines of output
 * @throws {Problem} with the last lines and a sentence, when the child fails or can't be started
 */
export function runChild(command, args, { cwd = root, env, progress, otherwise }) {
  return new Promise((resolve, reject) => {
    /** @type {string[]} */
    const lines = [];
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = "";
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => {
        const parts = (rest + chunk).split(/\r?\n|\r/);
        rest = parts.pop() ?? "";
        for (const line of parts) keep(line);
      });
      stream.on("end", () => keep(rest));
    }
    /** @param {string} line */
    function keep(line) {
      if (line.trim() === "") return;
      lines.push(line.slice(0, 300));
      if (lines.length > keptLines) lines.shift();
      progress?.(line);
    }
    child.on("error", (error) =>
      reject(new Problem(sentenceFor([error.message], otherwise), [error.message])),
    );
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(lines);
      const ended = signal ? `${command} was stopped by ${signal}` : `${command} ended with code ${code}`;
      reject(new Problem(sentenceFor(lines, otherwise), [...lines.slice(-shownLines), ended]));
    });
  });
}
