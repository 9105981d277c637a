import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { dataFolder, root } from "../setup/index.mjs";
import { runToEnd, type Output } from "./child.ts";
import { keepDurations, type Durations } from "./durations.ts";
import type { Failure } from "./failures.ts";
import { demandTests, nothing, type Outcome } from "./outcome.ts";
import type { RunNotes, TimedFile } from "./runReporter.ts";

type Report = {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[];
  }[];
};

const RUN_REPORTER = "./tools/test/runReporter.ts";

/**
 * Runs projects of vitest.config.ts in one run, in which they share the workers.
 * @param names what to narrow it to: parts of file names, or else of test names
 * @returns the outcome of each project, in their order
 */
export async function runVitest(
  projects: readonly string[],
  {
    names,
    output,
    limitMinutes,
    env = {},
    args = [],
  }: {
    names: readonly string[];
    output: Output;
    limitMinutes: number;
    env?: Record<string, string>;
    args?: readonly string[];
  },
): Promise<Outcome[]> {
  const folder = join(dataFolder, "test");
  const file = join(folder, `${projects.join("-")}.json`);
  const notesFile = join(folder, `${projects.join("-")}-notes.json`);
  mkdirSync(folder, { recursive: true });
  // A report of an earlier run must not stand for one that crashed.
  for (const each of [file, notesFile]) rmSync(each, { force: true });
  const ended = await runToEnd(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--passWithNoTests",
      ...args,
      ...projects.flatMap((project) => ["--project", project]),
      ...["default", "json", RUN_REPORTER].map((name) => `--reporter=${name}`),
      `--outputFile.json=${file}`,
      ...narrowed(names),
    ],
    {
      output,
      limitMinutes,
      // Every file has a process of its own, and each bot another: they share what Node has compiled.
      env: { NODE_COMPILE_CACHE: join(folder, "compile-cache"), HEARTH_RUN_NOTES: notesFile, ...env },
    },
  );
  const notes = read<RunNotes>(notesFile, { outside: [], files: [] });
  const outcomes = outcomesOf(projects, read<Report | undefined>(file, undefined), notes, ended.ok);
  // Of a file that was narrowed to some of its tests, or that ended early, nobody learns how long it takes.
  if (names.length === 0 && ended.ok)
    keepDurations(Object.assign({}, ...outcomes.map(({ files }) => files)) as Durations);
  return outcomes.map((outcome, at) => {
    const whole = { ...outcome, output: ended.output };
    // vitest calls what a name left out skipped; whoever narrowed the run knows that.
    if (names.length > 0) whole.skipped = 0;
    return demandTests(
      whole,
      names.length > 0 ? `nothing is called ${names.join(" ")}` : `project ${projects[at]}`,
    );
  });
}

function narrowed(names: readonly string[]): string[] {
  const files = globSync("{protocol,client-core,client-web,bots,tools,e2e}/**/*.test.{ts,tsx}", {
    cwd: root,
    exclude: (path) => path.toString().includes("node_modules"),
  });
  return names.flatMap((name) => (files.some((file) => file.includes(name)) ? [name] : ["-t", name]));
}

/**
 * What each project of one run found.
 * @param report vitest's JSON; undefined when it wrote none
 * @param ok whether vitest ended well: a run that did not must not look as if it had
 */
export function outcomesOf(
  projects: readonly string[],
  report: Report | undefined,
  notes: RunNotes,
  ok: boolean,
): Outcome[] {
  const projectOf = new Map(notes.files.map(({ file, project }) => [file, project]));
  // A file of which the notes know nothing was not run to its end; neither it nor a stray error may get lost.
  const belongs = (file: string, project: string) =>
    (projectOf.get(file) ?? projects.find((each) => file.startsWith(`e2e/${each}/`)) ?? projects[0]) ===
    project;
  const outcomes = projects.map((project): Outcome => {
    const results = (report?.testResults ?? []).filter(({ name }) => belongs(relative(root, name), project));
    const outside = notes.outside.filter(({ file }) => belongs(file, project));
    const failures = results.flatMap(failuresIn);
    const count = (...statuses: string[]) =>
      results
        .flatMap(({ assertionResults }) => assertionResults)
        .filter((each) => statuses.includes(each.status)).length;
    return {
      ...nothing,
      passed: count("passed"),
      // An error outside of any test fails the run alone.
      failed: failures.length === 0 && outside.length > 0 ? 1 : failures.length,
      skipped: count("pending", "skipped", "todo", "disabled"),
      failures: [...failures, ...outside],
      ...timesOf(notes.files.filter((each) => each.project === project)),
    };
  });
  const [first, ...rest] = outcomes;
  if (first && !ok && outcomes.every(({ failed }) => failed === 0)) return [{ ...first, failed: 1 }, ...rest];
  return outcomes;
}

/** How long a project took from its first file to its last, which in a shared pool others had a part in. */
function timesOf(files: readonly TimedFile[]): Pick<Outcome, "milliseconds" | "files"> {
  const milliseconds =
    files.length === 0
      ? undefined
      : Math.max(...files.map(({ to }) => to)) - Math.min(...files.map(({ from }) => from));
  const seconds = Object.fromEntries(files.map(({ file, from, to }) => [file, (to - from) / 1000]));
  return { ...(milliseconds === undefined ? {} : { milliseconds }), files: seconds };
}

function read<T>(file: string, otherwise: T): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return otherwise;
  }
}

/** A file that does not load has no test to fail. */
function failuresIn({ name, status, message, assertionResults }: Report["testResults"][number]): Failure[] {
  const file = relative(root, name);
  const failed = assertionResults.filter((result) => result.status === "failed");
  if (status === "failed" && failed.length === 0)
    return [{ file, name: "did not run", message: message ?? "" }];
  return failed.map(({ fullName, failureMessages }) => ({
    file,
    name: fullName,
    message: (failureMessages ?? []).join("\n"),
  }));
}
