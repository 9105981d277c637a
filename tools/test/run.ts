// The runner behind `npm test` (tools/test.mjs sets up first): phases one after the other, and one summary.
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { Problem, say, seconds } from "../setup/index.mjs";
import { stopChildren } from "./child.ts";
import { failuresAgain, type Failure } from "./failures.ts";
import { check, nothing, sum, type Outcome } from "./outcome.ts";
import { phases, type Phase } from "./phases.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, bail: { type: "boolean" }, help: { type: "boolean" } },
});

type Row = Outcome & { name: string; milliseconds: number };
const rows: Row[] = [];
let stopped = false;

if (values.help) help();
else await main();

async function main(): Promise<void> {
  const wanted = chosen(values.only);
  if (!wanted) return;
  process.on("SIGINT", () => (stopped = true));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopped = true;
      stopChildren(signal);
    });
  }
  const setup = Number(process.env["HEARTH_SETUP_MILLISECONDS"] ?? 0);
  rows.push({ ...nothing, name: "setup", milliseconds: setup });
  for (const phase of wanted) {
    if (stopped) break;
    rows.push(await runPhase(phase));
    if (values.bail && (rows.at(-1)?.failed ?? 0) > 0) break;
  }
  summary(wanted.length);
}

async function runPhase(phase: Phase): Promise<Row> {
  say(`▶ ${phase.name}: ${phase.about}`);
  const begun = performance.now();
  let outcome: Outcome;
  try {
    outcome = await phase.run(positionals);
  } catch (error) {
    outcome = check(false, `${describe(error)}\n`);
  }
  const milliseconds = performance.now() - begun;
  if (outcome.failed > 0 && outcome.output.trim() !== "") say(outcome.output.trimEnd());
  say(`${outcome.failed > 0 ? "✗" : "✓"} ${phase.name}  ${seconds(milliseconds)}`);
  return { ...outcome, name: phase.name, milliseconds };
}

function summary(expected: number): void {
  const total = sum(rows);
  const missing = expected - (rows.length - 1);
  say("");
  const again = failuresAgain(failures());
  if (again.length > 0) say(`${again.join("\n")}\n`);
  say(line("phase", "time", "passed", "failed", "skipped"));
  for (const row of rows) {
    say(
      line(row.name, seconds(row.milliseconds), String(row.passed), String(row.failed), String(row.skipped)),
    );
  }
  const time = rows.reduce((all, row) => all + row.milliseconds, 0);
  say(line("all", seconds(time), String(total.passed), String(total.failed), String(total.skipped)));
  if (missing > 0) say(`${missing} ${missing === 1 ? "phase" : "phases"} did not run.`);
  say("");
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : "";
  say(`${total.passed} passed, ${total.failed} failed${skipped}`);
  process.exitCode = total.failed > 0 || stopped ? 1 : 0;
}

/** A phase that can't tell its tests apart stands for itself; what it had to say is further up. */
function failures(): Failure[] {
  return rows
    .filter((row) => row.failed > 0)
    .flatMap((row) =>
      row.failures.length > 0
        ? row.failures
        : [{ file: row.name, name: "see above", message: row.output.trim() }],
    );
}

function line(name: string, time: string, ...counts: string[]): string {
  return `${name.padEnd(12)} ${time.padStart(9)} ${counts.map((count) => count.padStart(8)).join("")}`;
}

function chosen(only: string | undefined): readonly Phase[] | undefined {
  if (only === undefined) return phases;
  const names = only.split(",");
  const unknown = names.filter((name) => !phases.some((phase) => phase.name === name));
  if (unknown.length === 0) return phases.filter((phase) => names.includes(phase.name));
  say(
    `There is no phase called ${unknown.join(", ")}. There are: ${phases.map((phase) => phase.name).join(", ")}.`,
  );
  process.exitCode = 2;
  return undefined;
}

function describe(error: unknown): string {
  if (error instanceof Problem) return [...error.details, error.message].join("\n");
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function help(): void {
  say("npm test                         everything");
  say("npm test -- --only format,lint   these phases");
  say("npm test -- --bail               stop at the first phase that fails");
  say("npm run test:journeys -- NAME    the journeys whose file or name has NAME in it");
  say("");
  for (const phase of phases) say(`  ${phase.name.padEnd(12)} ${phase.about}`);
}
