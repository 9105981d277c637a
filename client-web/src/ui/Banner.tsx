import type { ReactNode } from "react";
import styles from "./Banner.module.css";
import { Icon, type IconName } from "./Icon.tsx";

export type Tone = "info" | "ok" | "warn" | "danger";
const ICONS: Record<Tone, IconName> = { info: "info", ok: "check", warn: "warning", danger: "warning" };

/** A sentence that stays until it is no longer true. `live` tells a screen reader when it appears. */
export function Banner({
  tone,
  children,
  live = tone === "danger",
  flat = false,
}: {
  tone: Tone;
  children: ReactNode;
  live?: boolean;
  /** From edge to edge, without corners. */
  flat?: boolean;
}) {
  return (
    <div
      className={`${styles.banner} ${styles[tone]} ${flat ? styles.flat : ""}`}
      {...(live ? { role: "alert" } : {})}
    >
      <Icon name={ICONS[tone]} />
      <div className={styles.text}>{children}</div>
    </div>
  );
}
