"use client";

import { useCallback } from "react";
import { useView } from "../../client/port.tsx";

/** The name of a role by its id; the id itself if the role is gone. */
export function useRoleNames(): (id: string) => string {
  const roles = useView("org")?.roles;
  return useCallback((id) => roles?.find((role) => role.id === id)?.name ?? id, [roles]);
}
