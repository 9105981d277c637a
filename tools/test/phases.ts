// What `npm test` runs, in the order in which a failure is cheapest to find.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ensureBrowser } from "../browser.mjs";
import { root } from "../setup/index.mjs";
import { runToEnd, type Output } from "./child.ts";
import { broken, check, nothing, sum, type Outcome } from "./outcome.ts";
import { readUnittest } from "./pythonTests.ts";
import { runVitest } from "./vitest.ts";

export type Phase = { readonly name: string; readonly about: string };

/** How a piece of work is asked for. */
export type Call = {
  /** Which of its phases are wanted. */
  readonly wanted: readonly string[];
  /** What the caller narrowed the run to; phases without names of their own ignore it. */
  readonly names: readonly string[];
  /** Where what it says goes, if it is not kept for the case that something fails. */
  readonly output: Output;
  /** How many processes it should have at work at once. */
  readonly width: number;
};

/** Phases that are run as one: most are one alone. */
export type Work = {
  readonly phases: readonly Phase[];
  /** What takes longest, and what that waits for, goes first and one after the other; the rest runs beside it. */
  readonly lane: "first" | "beside";
  /** @returns an outcome for each wanted phase, in their order */
  readonly run: (call: Call) => Promise<Outcome[]>;
};

const typed = ["protocol", "client-core", "client-web", "bots", "tools", "e2e"];

const node = (script: string, ...args: string[]) => runToEnd(process.execPath, [script, ...args]);
const bin = (path: string, ...args: string[]) => node(join("node_modules", path), ...args);

const alone = (name: string, about: string, run: (call: Call) => Promise<Outcome>): Work => ({
  phases: [{ name, about }],
  lane: "beside",
  run: async (call) => [await run(call)],
});
const command = (name: string, about: string, run: () => ReturnType<typeof runToEnd>): Work =>
  alone(name, about, async () => {
    const { ok, output } = await run();
    return check(ok, output);
  });

export const work: readonly Work[] = [
  command("format", "oxfmt", () => bin("oxfmt/bin/oxfmt", "--check", ".")),
  alone("lint", "oxlint with types, banned calls", async () => {
    const lint = await node("tools/test/lint.ts");
    const banned = await node("tools/test/bannedCalls.ts");
    return sum([check(lint.ok, lint.output), check(banned.ok, banned.output)]);
  }),
  command("arrows", "which part may import which", () => node("tools/test/arrows.ts")),
  command("unused", "files, exports, dependencies", () => bin("knip/bin/knip.js", "--no-progress")),
  alone("types", "tsc, each part with its own globals", typesOfEachPart),
  alone("module", "the Synapse module, in Python", async () => {
    const args = ["-m", "unittest", "discover", "--start-directory", "tests", "--top-level-directory", "."];
    const { ok, output } = await runToEnd(join(root, ".hearth/venv/bin/python"), args, {
      cwd: join(root, "synapse-config/module"),
    });
    return readUnittest(output, ok);
  }),
  {
    phases: [{ name: "unit", about: "rules and properties, no network" }],
    lane: "beside",
    run: ({ names, output, width }) =>
      runVitest(["unit"], { names, output, limitMinutes: 30, args: [`--maxWorkers=${width}`] }),
  },
  { ...command("web", "production build of the web client", buildWeb), lane: "first" },
  {
    phases: [
      { name: "integration", about: "against a real Synapse" },
      { name: "journeys", about: "real browsers, real Synapse, real bots" },
    ],
    lane: "first",
    run: onRealServers,
  },
];

function buildWeb() {
  return node("tools/test/webBuild.ts");
}

/** Both kinds in one pool of workers: neither waits for the last file of the other. */
async function onRealServers({ wanted, names, output }: Call): Promise<Outcome[]> {
  const env: Record<string, string> = {};
  let problem: Outcome | undefined;
  if (wanted.includes("journeys")) {
    // A journey walks through the built client; alone (`npm run test:journeys`) nobody else has built it.
    const built = await buildWeb();
    if (!built.ok) problem = check(false, built.output);
    try {
      env["HEARTH_CHROMIUM"] = await ensureBrowser();
    } catch (error) {
      problem = broken(error);
    }
  }
  // Without a client or a browser no journey can be made; what needs neither is run all the same.
  const possible = problem ? wanted.filter((name) => name !== "journeys") : wanted;
  const found =
    possible.length === 0 ? [] : await runVitest(possible, { names, output, limitMinutes: 60, env });
  return wanted.map((name) => found[possible.indexOf(name)] ?? problem ?? nothing);
}

async function typesOfEachPart({ width }: Call): Promise<Outcome> {
  const waiting = typed.filter((part) => existsSync(join(root, part, "tsconfig.json")));
  const outcomes: Outcome[] = [];
  const one = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { ok, output } = await bin("typescript/bin/tsc", "--project", part, "--incremental", "false");
      outcomes.push(check(ok, output));
    }
  };
  await Promise.all(Array.from({ length: width }, one));
  return sum(outcomes);
}
