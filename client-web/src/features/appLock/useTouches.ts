import { useEffect } from "react";
import { useRun, useView } from "../../client/port.tsx";

const KINDS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;
/** The worker need not hear of every letter. */
const LEAST_GAP_MS = 200;
const MOST_GAP_MS = 5_000;

/** Tells the client that somebody is there, as long as an app lock watches for it. */
export function useTouches(): void {
  const lock = useView("lock");
  const run = useRun();
  const limit = Math.min(lock?.idleMs ?? Infinity, lock?.mostIdleMs ?? Infinity);
  useEffect(() => {
    if (!Number.isFinite(limit)) return;
    const gap = Math.min(MOST_GAP_MS, Math.max(LEAST_GAP_MS, limit / 10));
    let told = -Infinity;
    const touched = () => {
      const now = performance.now();
      if (now - told < gap) return;
      told = now;
      void run("lock.touch", {});
    };
    for (const kind of KINDS) window.addEventListener(kind, touched, { passive: true, capture: true });
    return () => {
      for (const kind of KINDS) window.removeEventListener(kind, touched, { capture: true });
    };
  }, [limit, run]);
}
