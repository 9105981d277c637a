// The runner behind `npm test` (tools/test.mjs sets up first): phases, several at once, and one summary.
import { performance } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { say, seconds } from "../setup/index.mjs";
import { stopChildren } from "./child.ts";
import { lanesFor, type Lane } from "./lanes.ts";
import { broken, nothing, type Outcome } from "./outcome.ts";
import { work, type Work } from "./phases.ts";
import { summary, type Row } from "./summary.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string" }, bail: { type: "boolean" }, help: { type: "boolean" } },
});

const phases = work.flatMap((each) => each.phases);
const rows: Row[] = [];
/** By a signal. */
let stopped = false;
/** By a phase that failed. */
let bailed = false;

if (values.help) help();
else await main();

async function main(): Promise<void> {
  const names = chosen(values.only);
  if (!names) return;
  process.on("SIGINT", () => (stopped = true));
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      stopped = true;
      stopChildren(signal);
    });
  }
  const begun = performance.now();
  const setup = Number(process.env["HEARTH_SETUP_MILLISECONDS"] ?? 0);
  const wanted = work.filter((each) => each.phases.some(({ name }) => names.includes(name)));
  await Promise.all(lanesFor(wanted).map((lane) => runLane(lane, names)));
  const ran = phases.flatMap(({ name }) => rows.filter((row) => row.name === name));
  const lines = summary(
    [{ ...nothing, name: "setup", milliseconds: setup }, ...ran],
    setup + performance.now() - begun,
    names.length - ran.length,
  );
  say("");
  for (const line of lines) say(line);
  process.exitCode = stopped || rows.some(({ failed }) => failed > 0) ? 1 : 0;
}

async function runLane(lane: Lane, names: readonly string[]): Promise<void> {
  for (let next = lane.queue.shift(); next !== undefined; next = lane.queue.shift()) {
    if (stopped || bailed) return;
    const found = await runWork(next, lane, names);
    // What was cut off because another phase failed says nothing about itself.
    if (bailed) return;
    rows.push(...found);
    if (values.bail && found.some(({ failed }) => failed > 0)) {
      bailed = true;
      stopChildren("SIGTERM");
    }
  }
}

async function runWork(each: Work, { output, width }: Lane, names: readonly string[]): Promise<Row[]> {
  const wanted = each.phases.filter(({ name }) => names.includes(name));
  for (const { name, about } of wanted) say(`▶ ${name}: ${about}`);
  const begun = performance.now();
  let outcomes: readonly Outcome[];
  try {
    const call = { wanted: wanted.map(({ name }) => name), names: positionals, output, width };
    outcomes = await each.run(call);
  } catch (error) {
    outcomes = wanted.map(() => broken(error));
  }
  const took = performance.now() - begun;
  const found = wanted.map(({ name }, at): Row => {
    const outcome = outcomes[at] ?? nothing;
    return { ...outcome, name, milliseconds: outcome.milliseconds ?? took };
  });
  if (bailed) return found;
  for (const { name, failed, output: said, milliseconds } of found) {
    // One piece, between the lines of whatever runs beside it.
    const shown = failed > 0 && said.trim() !== "" ? `${said.trimEnd()}\n` : "";
    say(`${shown}${failed > 0 ? "✗" : "✓"} ${name}  ${seconds(milliseconds)}`);
  }
  return found;
}

/** The names of the phases that are wanted. */
function chosen(only: string | undefined): readonly string[] | undefined {
  const all = phases.map(({ name }) => name);
  if (only === undefined) return all;
  const names = only.split(",");
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length === 0) return all.filter((name) => names.includes(name));
  say(`There is no phase called ${unknown.join(", ")}. There are: ${all.join(", ")}.`);
  process.exitCode = 2;
  return undefined;
}

function help(): void {
  say("npm test                         everything");
  say("npm test -- --only format,lint   these phases");
  say("npm test -- --bail               stop when the first phase has failed");
  say("npm run test:journeys -- NAME    the journeys whose file or name has NAME in it");
  say("");
  for (const phase of phases) say(`  ${phase.name.padEnd(12)} ${phase.about}`);
}
