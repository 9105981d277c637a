import { useRunFolder } from "../runFolder.ts";
import { PreparedWorld } from "./prepared.ts";

/** vitest's: before the first file, because making a world on a busy machine takes longer than a hook of a file may. */
export async function setup(): Promise<() => void> {
  const removeFolder = useRunFolder();
  (await PreparedWorld.get()).useInThisRun();
  return removeFolder;
}
