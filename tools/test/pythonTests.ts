import { demandTests, nothing, type Outcome } from "./outcome.ts";

/**
 * Reads the last lines of Python's unittest: "Ran 12 tests in …", then "OK (skipped=1)", "FAILED (failures=1, errors=2)"
 * or, from 3.12 on, "NO TESTS RAN".
 */
export function readUnittest(output: string, ok: boolean): Outcome {
  const ran = Number(/^Ran (\d+) tests?/m.exec(output)?.[1] ?? 0);
  const verdict = /^(?:OK|FAILED)(?: \((.*)\))?$/m.exec(output)?.[1] ?? "";
  const count = (name: string) => Number(new RegExp(`\\b${name}=(\\d+)`).exec(verdict)?.[1] ?? 0);
  const skipped = count("skipped");
  const wrong = count("(?<!expected )failures") + count("errors") + count("unexpected successes");
  const failed = wrong === 0 && !ok && ran > 0 ? 1 : wrong;
  return demandTests(
    { ...nothing, passed: Math.max(0, ran - failed - skipped), failed, skipped, output },
    "synapse-config/module/tests",
  );
}
