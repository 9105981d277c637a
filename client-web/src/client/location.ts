"use client";

import { useRouter } from "next/navigation";
import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
function notify() {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("hashchange", listener);
  window.addEventListener("popstate", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("hashchange", listener);
    window.removeEventListener("popstate", listener);
  };
}

/** The fragment of the address, `#` included; empty while the page is prerendered. */
export function useHash(): string {
  return useSyncExternalStore(
    subscribe,
    () => window.location.hash,
    () => "",
  );
}

/**
 * Goes to a page of ours. Within one page only the fragment changes, which the router does not announce, so
 * that is done here.
 */
export function useGo(): (href: string, options?: { replace?: boolean }) => void {
  const router = useRouter();
  return useCallback(
    (href, options) => {
      const target = new URL(href, window.location.href);
      const here = target.pathname === window.location.pathname && target.search === window.location.search;
      if (here) {
        if (options?.replace) window.history.replaceState({}, "", target.href);
        else if (target.href !== window.location.href) window.history.pushState({}, "", target.href);
        notify();
      } else if (options?.replace) router.replace(href);
      else router.push(href);
    },
    [router],
  );
}
