// Steps with their progress and time. On a terminal the running step's line is redrawn each second with the last
// thing its child said; elsewhere (CI logs) a long step says every 15 seconds that it is still at work.
import { performance } from "node:perf_hooks";

const terminal = Boolean(process.stdout.isTTY);
const quietSeconds = 15;

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/**
 * Runs one step and shows how it goes.
 * @template T
 * @param {string} title
 * @param {(progress: (text: string) => void) => T | Promise<T>} work `progress` takes what the step is doing now
 * @returns {Promise<T>} what `work` returned; what it threw is thrown on, after the step is marked as failed
 */
export async function step(title, work) {
  const begun = performance.now();
  let doing = "";
  let lastSaid = begun;
  const draw = () => {
    const width = process.stdout.columns || 80;
    const text = `  … ${title}  ${seconds(performance.now() - begun)}${doing ? `  ${doing}` : ""}`;
    process.stdout.write(`\r\u001b[K${text.slice(0, width - 1)}`);
  };
  const tick = () => {
    if (terminal) return draw();
    if (performance.now() - lastSaid < quietSeconds * 1000) return;
    lastSaid = performance.now();
    say(`  … ${title}  ${seconds(lastSaid - begun)}${doing ? `  ${doing.slice(0, 90)}` : ""}`);
  };
  if (terminal) draw();
  const timer = setInterval(tick, 1000);
  const end = (/** @type {string} */ mark) => {
    clearInterval(timer);
    say(
      `${terminal ? "\r\u001b[K" : ""}  ${mark} ${title.padEnd(34)} ${seconds(performance.now() - begun).padStart(7)}`,
    );
  };
  try {
    const result = await work((text) => {
      doing = text.trim();
    });
    end("✓");
    return result;
  } catch (error) {
    end("✗");
    throw error;
  }
}
