import { RoomId as WasmRoomId, UserId as WasmUserId } from "@matrix-org/matrix-sdk-crypto-wasm";
import type { MatrixClient } from "matrix-js-sdk";
import { sendOutgoingRequests } from "./client.ts";
import { internalsOf } from "./patches.ts";

type Identity = {
  readonly masterKey: string;
  withdrawVerification(): Promise<void>;
  /** Of others' only. */
  pinCurrentMasterKey?(): Promise<void>;
  free(): void;
};

/** A person's public master key as the crypto machine has it, unpadded base64; undefined when it knows none. */
export function masterKeyOf(client: MatrixClient, userId: string): Promise<string | undefined> {
  return withIdentity(client, userId, ({ masterKey }) => {
    const { keys } = JSON.parse(masterKey) as { keys?: Record<string, string> };
    return Promise.resolve(Object.values(keys ?? {})[0]);
  });
}

/** What somebody else's identity is now is what it is to stay. Nothing, for a person who has none. */
export async function pinIdentity(client: MatrixClient, userId: string): Promise<void> {
  await withIdentity(client, userId, (identity) => identity.pinCurrentMasterKey?.() ?? Promise.resolve());
}

/** Takes back that somebody was verified, for an identity that has changed since. */
export async function withdrawVerification(client: MatrixClient, userId: string): Promise<void> {
  await withIdentity(client, userId, (identity) => identity.withdrawVerification());
}

/**
 * The SDK's own `pinCurrentUserIdentity` and `withdrawVerificationRequirement` keep hold of the identity, and so of the
 * store's database, until some later collection of garbage (seen with matrix-js-sdk 43: for more than a minute). A session
 * that rotates its storage, or that opens again after one that gave up, waits for that.
 */
async function withIdentity<T>(
  client: MatrixClient,
  userId: string,
  use: (identity: Identity) => Promise<T>,
): Promise<T | undefined> {
  const machine = internalsOf(client).olmMachine;
  const identity = (await machine.getIdentity(new WasmUserId(userId))) as Identity | undefined;
  if (!identity) return undefined;
  try {
    return await use(identity);
  } finally {
    identity.free();
  }
}

/**
 * Makes the crypto machine know these people's devices and identities as they are now. The SDK begins to follow people
 * when it sees them come into a room, but nobody can wait for that: a message that is encrypted too soon after an
 * invite would go out without a key for the new person (seen with matrix-js-sdk 43).
 */
export async function followDevices(client: MatrixClient, userIds: readonly string[]): Promise<void> {
  await internalsOf(client).olmMachine.updateTrackedUsers(userIds.map((userId) => new WasmUserId(userId)));
  await sendOutgoingRequests(client);
}

/**
 * As `followDevices`, and asks the homeserver also about people whom the crypto machine believes to know: what they
 * did just now may come with a sync that is still on its way.
 */
export async function refreshDevices(client: MatrixClient, userIds: readonly string[]): Promise<void> {
  await followDevices(client, userIds);
  const { olmMachine, outgoingRequestProcessor } = internalsOf(client);
  const users = userIds.map((userId) => new WasmUserId(userId));
  await outgoingRequestProcessor.makeOutgoingRequest(olmMachine.queryKeysForUsers(users));
}

/**
 * The next encryption in a room begins a new session. Not through the SDK's own call, which does nothing until it has
 * made its encryptor for the room. A session that is stored and was not used since the start is not found either way.
 */
export async function discardSession(client: MatrixClient, roomId: string): Promise<void> {
  await internalsOf(client).olmMachine.invalidateGroupSession(new WasmRoomId(roomId));
}

/**
 * Ends the SDK's loops, so that the client can be started once more: one that runs takes no other sync, and says nothing
 * of it. Its own call ends the crypto machine along, which the session goes on with, perhaps in another workspace.
 */
export function stopClientButCrypto(client: MatrixClient): void {
  const internals = client as unknown as { cryptoBackend: unknown };
  const { cryptoBackend } = internals;
  internals.cryptoBackend = undefined;
  try {
    client.stopClient();
  } finally {
    internals.cryptoBackend = cryptoBackend;
  }
}
