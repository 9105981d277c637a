import "fake-indexeddb/auto";
import { RoomId, UserId } from "@hearth/protocol";
import { DeviceId as WasmDeviceId, UserId as WasmUserId } from "@matrix-org/matrix-sdk-crypto-wasm";
import { Room } from "matrix-js-sdk";
import { logger } from "matrix-js-sdk/lib/logger.js";
import { beforeAll, describe, expect, test } from "vitest";
import { refreshDevices } from "./machine.ts";
import { toMatrixEvent } from "./matrixEvent.ts";
import { internalsOf, PATCHES, type Patch } from "./patches.ts";
import { KeyServer, makeDevice } from "./testing/keyServer.ts";

const SAM = UserId.parse("@example-sam:hearth.localhost");
const ROOM = RoomId.parse("!room");

declare global {
  interface ImportMeta {
    /** Vite's: the files that fit, by path. */
    glob(pattern: string, options: object): Record<string, string>;
  }
}

/** The SDK has one logger a process, and whoever has opened a client here has silenced it. */
function theirs(shared: object): unknown {
  const { methodFactory } = shared as { methodFactory: object & { theirs?: unknown } };
  return methodFactory.theirs ?? methodFactory;
}

const owners: Record<string, object> = {};

beforeAll(async () => {
  const server = new KeyServer(SAM);
  const client = await server.client("patches");
  const phone = await makeDevice(SAM, "PHONE");
  server.identity = phone;
  server.devices = [phone];
  await refreshDevices(client, [SAM]);
  const crypto = internalsOf(client);
  const sam = () => new WasmUserId(SAM);
  const { olmMachine: machine } = crypto;
  const identity = (await machine.getIdentity(sam())) as object | undefined;
  const device = await machine.getDevice(sam(), new WasmDeviceId("PHONE"));
  if (!identity || !device) throw new Error("the machine does not know Sam");
  const event = toMatrixEvent(ROOM, {
    event_id: "$event",
    type: "m.room.encrypted",
    sender: SAM,
    origin_server_ts: 0,
    content: {},
  } as unknown as Parameters<typeof toMatrixEvent>[1]);
  Object.assign(owners, {
    client,
    crypto,
    machine,
    identity,
    device,
    event,
    http: client.http,
    room: new Room(ROOM, client, SAM),
    outgoingRequestsManager: crypto.outgoingRequestsManager,
    outgoingRequestProcessor: crypto.outgoingRequestProcessor,
    keyClaimManager: crypto.keyClaimManager,
    logger: { methodFactory: theirs(logger), rebuild: Reflect.get(logger, "rebuild") as unknown },
    indexedDB: { open: IDBFactory.prototype.open, get: IDBObjectStore.prototype.get },
  });
  return () => client.stopClient();
});

const all = Object.entries(PATCHES).flatMap(([owner, members]) =>
  Object.entries<Patch>(members).map(([name, patch]) => ({ owner, name, patch })),
);

test.each(all)("the SDK has $owner: $name as it was when we reached for it", ({ owner, name, patch }) => {
  const object = owners[owner] as Record<string, unknown> | undefined;
  if (!object) throw new Error(`nothing stands for ${owner}`);
  expect(name in object).toBe(true);
  // Of the class where there is one: the object's own may be ours by now.
  const theirs = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(object), name)?.value as unknown;
  const member = theirs ?? object[name];
  if (patch.arity === undefined) expect(typeof member).not.toBe("function");
  else expect(member).toBeTypeOf("function");
  if (typeof member === "function") expect(member).toHaveLength(patch.arity ?? Number.NaN);
});

describe("the list names each file that reaches past the SDK's interface", () => {
  const sources = Object.entries(
    import.meta.glob("../**/*.ts", { query: "?raw", import: "default", eager: true }),
  )
    .map(([path, text]) => [path.startsWith("./") ? `sdk/${path.slice(2)}` : path.slice(3), text] as const)
    .filter(([path]) => !/\.test\.ts$|\/testing\/|\/fake[A-Z]/.test(path));
  const listed = new Set(all.flatMap(({ patch }) => patch.where));

  test("and nobody else does", () => {
    expect(sources.length).toBeGreaterThan(150);
    const reaches =
      /\b(internalsOf|backendOf)\(|\bCryptoBackend\b|\bcryptoBackend\b|attemptDecryption|\.prototype\.|\b(client|room|crypto|factory|loglevel)\.[a-zA-Z]+ = |\bclient\.http\.|cryptoOf\([^)]*\) as /;
    const found = sources.flatMap(([path, text]) => (reaches.test(text) ? [path] : []));
    // What hands the crypto on to those that are listed, and the names.
    const ours = ["sdk/patches.ts", "sdk/names.ts", "outbox/sending.ts"];
    // These assign to a room of ours.
    const rooms = ["rooms/room.ts", "rooms/roomBook.ts"];
    const strangers = found.filter((path) => !listed.has(path) && ![...ours, ...rooms].includes(path));
    expect(strangers).toEqual([]);
  });

  test.each(all)("$owner: $name is used where the list says", ({ name, patch }) => {
    const texts = new Map(sources);
    const named = patch.where.filter((path) => new RegExp(`\\b${name}\\b`).test(texts.get(path) ?? ""));
    expect(named).toEqual(patch.where);
  });
});
