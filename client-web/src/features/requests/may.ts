import type { SessionView } from "@hearth/client-core/contract.ts";

/** Whether somebody may open requests; the client decides it again when they do. */
export function mayOpen(session: SessionView | undefined): boolean {
  return session?.permissions.includes("administer_requests") ?? false;
}
