// Synapse, in a virtual environment of its own.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureDiskSpace, findPython } from "./machine.mjs";
import { root, venvFolder, venvPython } from "./paths.mjs";
import { Problem } from "./problem.mjs";
import { runChild } from "./runChild.mjs";
import { clearStamp, hashText, isStamped, writeStamp } from "./stamp.mjs";

/**
 * @param {(text: string) => void} progress
 * @returns {Promise<"installed" | "already there">}
 */
export async function ensureSynapse(progress) {
  const requirements = join(root, "synapse-config", "requirements.txt");
  // The folder's place is part of the stamp: a virtual environment does not survive being moved.
  const wanted = hashText(readFileSync(requirements, "utf8"), venvFolder);
  if (isStamped("synapse", wanted) && (await answers(findSynapse))) return "already there";

  const python = await findPython();
  await ensureDiskSpace();
  clearStamp("synapse");
  rmSync(venvFolder, { recursive: true, force: true });
  progress(`a virtual environment with Python ${python.version}`);
  await runChild(python.command, ["-m", "venv", venvFolder], {
    otherwise:
      "Python could not make a virtual environment (on Debian and Ubuntu: sudo apt install python3-venv). Mend that, and run the same command again.",
  });
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--prefer-binary"];
  await runChild(venvPython, [...pip, "--requirement", requirements], {
    progress,
    otherwise:
      "pip could not install Synapse. The lines above say why; when that is mended, run the same command again.",
  });
  if (!(await answers(importSynapse)))
    throw new Problem(
      "Synapse was installed but does not start. Remove the folder .hearth/venv, and run the same command again.",
    );
  writeStamp("synapse", wanted);
  return "installed";
}

// The system's Python may have been upgraded or removed under the environment; to look is enough to notice.
const findSynapse = "import importlib.util, sys; sys.exit(importlib.util.find_spec('synapse') is None)";
const importSynapse = "import synapse.app.homeserver";

/** @param {string} script */
async function answers(script) {
  if (!existsSync(venvPython)) return false;
  try {
    await runChild(venvPython, ["-c", script], { otherwise: "" });
    return true;
  } catch {
    return false;
  }
}
