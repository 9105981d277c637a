import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import LongestFirst from "./tools/test/sequencer.ts";

const parts = ["protocol", "client-core", "client-web", "bots", "tools"];

/**
 * Tests against real servers share one pool, whichever project they are of: as many at once as there are cores. One more was
 * slower once their folders lay in memory (eight files on two cores: 140 s with two, 151 s with three).
 */
const pool = { maxWorkers: availableParallelism(), sequence: { groupOrder: 1 } };

/** Every wait in these ends when the thing happens; the limits only turn a hang into a failure that names its test. */
const realServer = {
  testTimeout: 400_000,
  hookTimeout: 400_000,
  teardownTimeout: 30_000,
  globalSetup: ["./e2e/support/prepared/globalSetup.ts"],
};

export default defineConfig({
  // JSX as Next compiles it, so that a component needs no import of React to be tested.
  oxc: { jsx: { runtime: "automatic" } },
  test: {
    sequence: { sequencer: LongestFirst },
    // The Matrix SDK talks a lot; what it said matters when a test failed.
    silent: "passed-only",
    // What is asked for again and again comes when it comes: a second, vitest's own limit, is short on a busy machine.
    expect: { poll: { timeout: 60_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          // Loading the protocol and the SDK took longer than most of these files run; they share them instead. So what a
          // test changes for all, a global or the timers, it puts back: whichever file comes next must not notice.
          isolate: false,
          unstubGlobals: true,
          // Generated histories take as long as the machine is busy; nothing is waited for in them.
          testTimeout: 120_000,
          include: parts.flatMap((part) => [
            `${part}/src/**/*.test.{ts,tsx}`,
            `${part}/{test,setup}/**/*.test.ts`,
          ]),
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["e2e/integration/**/*.test.ts"],
          ...pool,
          ...realServer,
        },
      },
      {
        extends: true,
        test: { name: "journeys", include: ["e2e/journeys/**/*.test.ts"], ...pool, ...realServer },
      },
    ],
  },
});
