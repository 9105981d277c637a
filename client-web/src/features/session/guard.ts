import type { SessionView } from "@hearth/client-core/contract.ts";
import { ROUTES, type Route } from "../../routes.ts";

export type Decision =
  | { readonly show: "page" }
  | {
      readonly show:
        | "splash"
        | "locked"
        | "app_locked"
        | "no_start"
        | "out_of_contact"
        | "other_tab"
        | "storage_problem";
    }
  | { readonly go: Route };

const PAGE: Decision = { show: "page" };

/**
 * What the address and the session together mean: show the page, show something in its place, or go elsewhere.
 * @param phase undefined before the client has said anything
 * @param path with its trailing slash
 */
export function decide(phase: SessionView["phase"] | undefined, path: string): Decision {
  // Help is for everybody at any time, and "no such page" needs no session either.
  if (path === "/help/" || !(ROUTES as readonly string[]).includes(path)) return PAGE;
  switch (phase?.kind) {
    case undefined:
    case "starting":
      return { show: "splash" };
    case "other_tab":
    case "storage_problem":
    case "locked":
    case "app_locked":
    case "no_start":
    case "out_of_contact":
      return { show: phase.kind };
    case "signed_out":
      return path === "/sign-in/" || path === "/join/" ? PAGE : { go: "/sign-in/" };
    case "joining":
      return path === "/join/" ? PAGE : { go: "/join/" };
    case "setup":
      return path === "/setup/" ? PAGE : { go: "/setup/" };
    case "ready":
      return path === "/" || path === "/sign-in/" || path === "/setup/" ? { go: "/requests/" } : PAGE;
  }
}

/** Whether somebody who must sign in first should come back here afterwards. */
export function worthReturningTo(path: string): boolean {
  return !["/", "/sign-in/", "/join/", "/setup/"].includes(path);
}
