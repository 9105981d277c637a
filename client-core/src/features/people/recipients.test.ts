import { UserId } from "@hearth/protocol";
import type { MatrixClient, Room as SdkRoom } from "matrix-js-sdk";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeyServer, makeDevice, type MadeDevice } from "../../sdk/testing/keyServer.ts";
import type { Org } from "../../org/org.ts";
import { Recipients } from "./recipients.ts";
import type { RosterBook } from "../roster/book.ts";
import { refreshDevices, masterKeyOf } from "../../sdk/machine.ts";

const SAM = UserId.parse("@example-sam:hearth.localhost");
const ROOM = "!request";

let server: KeyServer;
let client: MatrixClient;
let recipients: Recipients;
let room: SdkRoom;
let real: MadeDevice;

beforeEach(async () => {
  server = new KeyServer(SAM);
  client = await server.client();
  real = await makeDevice(SAM, "PHONE");
  recipients = filter((key) => key === real.master);
  room = {
    roomId: ROOM,
    getEncryptionTargetMembers: () => Promise.resolve([{ userId: SAM }]),
  } as unknown as SdkRoom;
  recipients.guard(room);
});

afterEach(() => {
  recipients.dispose();
  client.stopClient();
});

/** A filter that knows Sam as a member, and of which keys the roster lists for Sam. */
function filter(isListed: (masterKey: string | undefined) => boolean): Recipients {
  return new Recipients({
    client,
    org: () =>
      ({
        access: { members: new Map([["example-sam:hearth.localhost", { joined_at: 0 }]]) },
      }) as unknown as Org,
    roster: {
      mayReceive: (_: UserId, key: string | undefined) => isListed(key),
      roster: { current: new Map() },
    } as unknown as RosterBook,
    now: () => 1000,
    onChange: () => {},
  });
}

/** The crypto machine takes in what the server says of Sam. */
async function show(identity: MadeDevice): Promise<void> {
  server.identity = identity;
  server.devices = [identity];
  await refreshDevices(client, [SAM]);
  expect(await masterKeyOf(client, SAM)).toBe(identity.master);
}

test("[P8] after an encryption the recipients are those of the filter, as long as nobody's identity changed", async () => {
  await show(real);
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  await show(real);
  expect(await recipients.stillThose(ROOM)).toBe(true);
});

test("[P8] an identity that was exchanged during an encryption is noticed, also when the true one is back", async () => {
  await show(real);
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  const forged = await makeDevice(SAM, "OTHER");
  await show(forged);
  expect(await recipients.stillThose(ROOM)).toBe(false);
  await show(real);
  expect(await recipients.stillThose(ROOM)).toBe(false);
  // The next encryption begins anew.
  expect(await room.getEncryptionTargetMembers()).toEqual([{ userId: SAM }]);
  expect(await recipients.stillThose(ROOM)).toBe(true);
});

test("[P8] the filter of a workspace that opens anew on the same session takes the place of the last one's", async () => {
  await show(real);
  for (const listed of [false, true]) {
    const next = filter(() => listed);
    next.guard(room);
    expect(await room.getEncryptionTargetMembers()).toEqual(listed ? [{ userId: SAM }] : []);
    next.dispose();
  }
});
