import type { SignedInSession, Workspace } from "../session/api.ts";

/** Starts syncing, folding and sending for a signed-in session. */
export function startWorkspace(_session: SignedInSession): Promise<Workspace> {
  return Promise.reject(new Error("the workspace is being written"));
}
