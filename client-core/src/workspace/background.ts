import type { SignedInSession } from "../session/api.ts";

/**
 * The boundary of work that nobody waits for: what it throws is logged under its name, and once the session has ended,
 * when the crypto machine is gone and requests are aborted, not even that.
 */
export function background(
  session: Pick<SignedInSession, "stopped" | "log">,
  what: string,
  work: Promise<unknown>,
): void {
  work.catch((error: unknown) => {
    if (!session.stopped.aborted) session.log("error", `${what} failed`, error);
  });
}
