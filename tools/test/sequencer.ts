import { relative } from "node:path";
import { BaseSequencer } from "vitest/node";
import type { TestSpecification } from "vitest/node";
import { knownDurations, longestFirst } from "./durations.ts";

/** For vitest: the longest file first, whichever project it is of, so that projects in one pool share its workers well. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const known = knownDurations();
    const ordered = longestFirst(
      await super.sort(files),
      ({ moduleId }) => relative(process.cwd(), moduleId),
      known,
    );
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder;
    return ordered.toSorted((a, b) => group(a) - group(b));
  }
}
