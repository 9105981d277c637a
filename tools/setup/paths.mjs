// Where things lie. Everything that set-up makes goes below .hearth/, which git ignores.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const dataFolder = join(root, ".hearth");
export const venvFolder = join(dataFolder, "venv");
export const stampFolder = join(dataFolder, "stamps");
export const webBuildFolder = join(root, "client-web", "out");
export const venvPython = join(venvFolder, "bin", "python");
