// `npm run operator -- …`: what an operator does to an instance beside starting it. docs/operations has the runbooks.
import { parseArgs } from "node:util";
import { Problem, showProblem } from "../setup/problem.mjs";
import { say } from "../setup/report.mjs";
import { instanceFolder } from "../setup/startOptions.mjs";
import { backUp, restore } from "./instance/backup.ts";

const HELP = `npm run operator -- backup --to FOLDER [--dir INSTANCE]
    Copies a Hearth, running or not, into a new folder.
npm run operator -- restore --from FOLDER [--dir INSTANCE]
    Puts such a copy in the place of a Hearth that is stopped. What was there is kept beside it.

INSTANCE is the folder of the Hearth; without it, the one that \`npm start\` uses.`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      dir: { type: "string", default: instanceFolder },
      to: { type: "string" },
      from: { type: "string" },
    },
  });
  const [command] = positionals;
  if (command === "backup" && values.to !== undefined) {
    backUp(values.dir, values.to);
    say(`The copy is in ${values.to}. Keep it as safe as the server itself.`);
  } else if (command === "restore" && values.from !== undefined) {
    const aside = restore(values.from, values.dir);
    say(aside === undefined ? "Restored." : `Restored. What was there before is in ${aside}.`);
    say("Start it as usual; everybody signs in again. docs/operations/restore.md says what they see.");
  } else {
    throw new Problem(HELP);
  }
} catch (error) {
  process.exitCode = showProblem(
    error instanceof TypeError ? new Problem(`${error.message}\n\n${HELP}`) : error,
  );
}
