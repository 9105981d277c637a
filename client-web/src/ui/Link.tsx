"use client";

import type { ReactNode } from "react";
import { Link as AriaLink } from "react-aria-components";

/** Without a class of its own it stands among words: see `base.css` for what a finger needs there. */
export function Link({
  href,
  children,
  className,
  current,
}: {
  href: string;
  children: ReactNode;
  className?: string | undefined;
  current?: boolean;
}) {
  return (
    <AriaLink
      href={href}
      {...(className === undefined ? { "data-inline": true } : { className })}
      {...(current ? { "aria-current": "page" as const } : {})}
    >
      {children}
    </AriaLink>
  );
}
