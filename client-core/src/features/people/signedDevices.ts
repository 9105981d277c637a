import { UserId } from "@hearth/protocol";
import { cryptoOf } from "../../sdk/patches.ts";
import { followDevices } from "../../sdk/machine.ts";
import { CryptoEvent, type MatrixClient } from "../../sdk/names.ts";

/** The devices of people that their owners have signed. */
export type SignedDevices = {
  /** As they are now: who is not in the answer could not be asked about. */
  of(userIds: readonly UserId[]): Promise<ReadonlyMap<UserId, ReadonlySet<string>>>;
  /** @returns what ends it */
  onChange(listener: (userIds: readonly UserId[]) => void): () => void;
};

/** As the crypto machine knows them. Whom it does not follow yet is asked about first: to have no device is an answer. */
export function signedDevices(client: MatrixClient): SignedDevices {
  return {
    async of(userIds) {
      const crypto = cryptoOf(client);
      await followDevices(client, userIds);
      const all = await crypto.getUserDeviceInfo([...userIds]);
      const found = new Map<UserId, ReadonlySet<string>>();
      for (const userId of userIds) {
        const signed = new Set<string>();
        for (const deviceId of all.get(userId)?.keys() ?? [])
          if ((await crypto.getDeviceVerificationStatus(userId, deviceId))?.signedByOwner === true)
            signed.add(deviceId);
        found.set(userId, signed);
      }
      return found;
    },
    onChange(listener) {
      const heard = (users: string[]) => listener(users.flatMap((id) => UserId.safeParse(id).data ?? []));
      client.on(CryptoEvent.DevicesUpdated, heard);
      return () => client.off(CryptoEvent.DevicesUpdated, heard);
    },
  };
}
