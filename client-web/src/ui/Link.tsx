"use client";

import type { ReactNode } from "react";
import { Link as AriaLink } from "react-aria-components";

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
      {...(className === undefined ? {} : { className })}
      {...(current ? { "aria-current": "page" as const } : {})}
    >
      {children}
    </AriaLink>
  );
}
