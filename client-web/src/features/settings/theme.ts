"use client";

import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";
const KEY = "hearth.theme";
const listeners = new Set<() => void>();

function read(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

/** Light, dark, or as the system has it. The choice says nothing of anybody, so it may lie in localStorage. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore<Theme>(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    read,
    () => "system",
  );
  return [theme, choose];
}

function choose(theme: Theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage refused: it holds until the tab is closed.
  }
  for (const listener of listeners) listener();
}
