import type { Environment } from "./environment.ts";
import { requestJson } from "./server/http.ts";
import { within } from "../work/runningTime.ts";
import { destroyRootKey } from "./storage/storage.ts";
import type { SessionStorage } from "./storage/storage.ts";

const LOGOUT_TIMEOUT_MS = 4_000;
/** A database that something still holds open is deleted when that lets go; nobody waits for it longer than this. */
export const STEP_TIMEOUT_MS = 5_000;

/**
 * Makes a session unreadable, then removes it. The root key goes first, by being overwritten where it lies: from then
 * on nobody can read what the next steps may fail to delete. None of it needs the server.
 * @param close must close every connection to the session's databases
 */
export async function destroySession(
  environment: Environment,
  storage: SessionStorage,
  close: () => Promise<void>,
): Promise<void> {
  await destroyRootKey(storage);
  const rest = [
    close,
    () => storage.delete(),
    // Takes along what a browser keeps beside the bucket. Only our own origin can say it, so it may fail.
    () => environment.clearSiteData?.() ?? Promise.resolve(),
  ];
  for (const step of rest) {
    try {
      await within(environment.clock, STEP_TIMEOUT_MS, step());
    } catch (error) {
      environment.log("warn", "a step of clearing a session failed", error);
    }
  }
}

/** Tells the server that this sign-in has ended, once, and not for long. */
export async function tellServer(environment: Environment, accessToken: string): Promise<boolean> {
  try {
    const options = { token: accessToken, timeoutMs: LOGOUT_TIMEOUT_MS };
    await requestJson(environment, "POST", "/_matrix/client/v3/logout", {}, options);
    return true;
  } catch (error) {
    environment.log("info", "the server could not be told of the sign-out", error);
    return false;
  }
}
