"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useMemo } from "react";
import { shortName } from "@hearth/protocol";
import { useView } from "../../client/port.tsx";

/** What to call somebody: as the room or the team knows them, else the name in their user id. Names stay as they are. */
export function useNames(room: RoomView): (userId: string) => string {
  const members = useView("team")?.members;
  return useMemo(() => {
    const names = new Map<string, string>();
    for (const member of members ?? []) names.set(member.userId, member.name);
    for (const person of room.people) names.set(person.userId, person.name);
    return (userId: string) => names.get(userId) ?? shortName(userId);
  }, [members, room.people]);
}
