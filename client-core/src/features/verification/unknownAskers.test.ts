import { expect, test } from "vitest";
import { ClientEvent, CryptoEvent } from "../../sdk/names.ts";
import type { LiveSession } from "../../session/live.ts";
import { UnknownAskers } from "./unknownAskers.ts";

const SENDER = "@ada:x.test";
const message = (id: string) => ({
  type: "m.key.verification.request",
  sender: SENDER,
  content: { from_device: "NEW", transaction_id: id },
});

/** An SDK that knows the device by the time it is asked, and drops asks: what a test can't make a real one do in time. */
function start(isMember = true) {
  const putAgain: unknown[] = [];
  const crypto = {
    getUserDeviceInfo: () => Promise.resolve(new Map([[SENDER, new Map([["NEW", {}]])]])),
    processSyncChanges: ({ toDeviceEvents }: { toDeviceEvents: unknown[] }) => {
      putAgain.push(...toDeviceEvents);
      return Promise.resolve([]);
    },
  };
  const listeners = new Map<string, (event: unknown) => void>();
  const client = {
    getCrypto: () => crypto,
    on: (type: string, listener: (event: unknown) => void) => listeners.set(type, listener),
    emit: (type: string, event: unknown) => listeners.get(type)?.(event),
  };
  const live = { client, log: () => {}, stopped: new AbortController().signal };
  const askers = new UnknownAskers(live as unknown as LiveSession, () => isMember);
  return { client, putAgain, askers };
}

async function settle() {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("an ask that the crypto machine dropped is put again, also when its device has become known meanwhile", async () => {
  const { client, putAgain } = start();
  client.emit(ClientEvent.ReceivedToDeviceMessage, { message: message("one") });
  await settle();
  expect(putAgain).toEqual([message("one")]);
});

test("an ask that it took in is not put again, nor one of somebody who is no member", async () => {
  const { client, putAgain } = start();
  client.emit(CryptoEvent.VerificationRequestReceived, { otherUserId: SENDER, transactionId: "one" });
  client.emit(ClientEvent.ReceivedToDeviceMessage, { message: message("one") });
  const stranger = start(false);
  stranger.client.emit(ClientEvent.ReceivedToDeviceMessage, { message: message("two") });
  await settle();
  expect([...putAgain, ...stranger.putAgain]).toEqual([]);
});
