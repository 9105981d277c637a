// Builds the web client where that is due: a process of its own, so that what it says stands together.
import { ensureSetup, showProblem } from "../setup/index.mjs";

try {
  await ensureSetup({ synapse: false, web: true });
} catch (error) {
  process.exitCode = showProblem(error);
}
