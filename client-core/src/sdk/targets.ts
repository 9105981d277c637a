import type { Room } from "matrix-js-sdk";

type Target = Awaited<ReturnType<Room["getEncryptionTargetMembers"]>>[number];

/**
 * Whom the SDK would encrypt to in a room. Its rooms outlive a workspace that closes while the session goes on: the next
 * one's filter takes the place of the last one's, which knows no newer roster.
 */
const unfiltered = new WeakMap<Room, Room["getEncryptionTargetMembers"]>();

/** From now on the SDK encrypts in this room to those whom the filter leaves; one filter a room, the last one. */
export function filterTargets(room: Room, filter: (everybody: Target[]) => Promise<Target[]>): void {
  const everybody = unfiltered.get(room) ?? room.getEncryptionTargetMembers.bind(room);
  unfiltered.set(room, everybody);
  room.getEncryptionTargetMembers = async () => filter(await everybody());
}
