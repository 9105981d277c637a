"use client";

import { useMemo } from "react";
import { drawCode } from "./code.ts";
import styles from "./verification.module.css";

/** The code for the other's camera: always black on white, whatever the theme. */
export function Code({ data, label }: { data: string; label: string }) {
  const { path, size } = useMemo(() => drawCode(data), [data]);
  return (
    <svg
      className={styles.code}
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
      data-code={data}
    >
      <rect width={size} height={size} fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  );
}
