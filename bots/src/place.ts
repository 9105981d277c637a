import { EventId, RoomId } from "@hearth/protocol";
import type { OrgId } from "@hearth/protocol";
import { z } from "zod";
import type { Homeserver } from "./homeserver.ts";

/** What the bot keeps in its account data: how far it has read, and which closed rooms are still to be purged. */
const PlaceContent = z.object({
  /** The last event handled, by room. */
  handled: z.record(RoomId, EventId),
  /** Closed first, and purged when the people in them have had the time to see that they are out. */
  purge: z.array(z.object({ room: RoomId, after: z.number() })),
});
export type Place = z.infer<typeof PlaceContent>;

const typeFor = (orgId: OrgId) => `org.hearth.place.${orgId}`;

export async function loadPlace(homeserver: Homeserver, orgId: OrgId): Promise<Place> {
  const parsed = PlaceContent.safeParse(await homeserver.accountData(typeFor(orgId)));
  // Without a place everything is read again from the start: what is answered stays answered.
  return parsed.success ? parsed.data : { handled: {}, purge: [] };
}

export async function savePlace(homeserver: Homeserver, orgId: OrgId, place: Place): Promise<void> {
  await homeserver.setAccountData(typeFor(orgId), place);
}
