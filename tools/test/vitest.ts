import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { dataFolder, root } from "../setup/index.mjs";
import { runToEnd } from "./child.ts";
import type { Failure } from "./failures.ts";
import { demandTests, nothing, type Outcome } from "./outcome.ts";

type Report = {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] | null }[];
  }[];
};

const OUTSIDE_REPORTER = "./tools/test/outsideReporter.ts";

/**
 * Runs one project of vitest.config.ts, streaming what vitest says.
 * @param names what to narrow it to: parts of file names, or else of test names
 */
export async function runVitest(
  project: string,
  names: readonly string[],
  env: Record<string, string>,
): Promise<Outcome> {
  const folder = join(dataFolder, "test");
  const file = join(folder, `${project}.json`);
  mkdirSync(folder, { recursive: true });
  const outsideFile = join(folder, `${project}-outside.json`);
  // A report of an earlier run must not stand for one that crashed.
  for (const each of [file, outsideFile]) rmSync(each, { force: true });
  const args = ["node_modules/vitest/vitest.mjs", "run", "--project", project, "--passWithNoTests"];
  const reporters = [
    ...["default", "json", OUTSIDE_REPORTER].map((name) => `--reporter=${name}`),
    `--outputFile.json=${file}`,
  ];
  const { ok } = await runToEnd(process.execPath, [...args, ...reporters, ...narrowed(names)], {
    stream: true,
    limitMinutes: 30,
    // Every file has a process of its own, and each bot another: they share what Node has compiled.
    env: { NODE_COMPILE_CACHE: join(folder, "compile-cache"), HEARTH_OUTSIDE_FILE: outsideFile, ...env },
  });
  const outcome = outcomeOf(file, ok);
  outcome.failures = [...outcome.failures, ...read<Failure[]>(outsideFile, [])];
  // vitest calls what a name left out skipped; whoever narrowed the run knows that.
  if (names.length > 0) outcome.skipped = 0;
  return demandTests(
    outcome,
    names.length > 0 ? `nothing is called ${names.join(" ")}` : `project ${project}`,
  );
}

function narrowed(names: readonly string[]): string[] {
  const files = globSync("{protocol,client-core,client-web,bots,tools,e2e}/**/*.test.{ts,tsx}", {
    cwd: root,
    exclude: (path) => path.toString().includes("node_modules"),
  });
  return names.flatMap((name) => (files.some((file) => file.includes(name)) ? [name] : ["-t", name]));
}

function outcomeOf(file: string, ok: boolean): Outcome {
  const report = read<Report | undefined>(file, undefined);
  if (!report) return { ...nothing, failed: ok ? 0 : 1 };
  // A file that does not load has no test to fail, and an error outside of any test fails the run alone.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && !assertionResults.some((result) => result.status === "failed"),
  ).length;
  const failed = report.numFailedTests + broken;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !ok ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
    output: "",
    failures: report.testResults.flatMap(failuresIn),
  };
}

function read<T>(file: string, otherwise: T): T {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T;
  } catch {
    return otherwise;
  }
}

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
