import type { RoomView } from "@hearth/client-core/contract.ts";

/** The chat messages that a room shows, in its order; of a room that is not shown yet, none. */
export function texts(view: RoomView | undefined): string[] {
  return view?.timeline.flatMap(({ body }) => (body.kind === "message" ? [body.text] : [])) ?? [];
}
