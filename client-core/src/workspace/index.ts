import type { SignedInSession, Workspace } from "../session/api.ts";
import { HearthWorkspace } from "./workspace.ts";

/** Starts syncing, folding and sending for a signed-in session. What is stored is shown before the server answers. */
export async function startWorkspace(session: SignedInSession): Promise<Workspace> {
  const workspace = await HearthWorkspace.open(session);
  workspace.start();
  return workspace;
}
