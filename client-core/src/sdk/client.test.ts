import "fake-indexeddb/auto";
import { UserId } from "@hearth/protocol";
import { expect, onTestFinished, test } from "vitest";
import { expectToStop } from "./client.ts";
import { cryptoOf } from "./patches.ts";
import { KeyServer } from "./testing/keyServer.ts";

const SAM = UserId.parse("@example-sam:hearth.localhost");

type Listener = (error: unknown) => void;
const { process } = globalThis as unknown as {
  process: {
    listeners(event: "unhandledRejection"): Listener[];
    removeAllListeners(event: "unhandledRejection"): void;
    on(event: "unhandledRejection", listener: Listener): void;
  };
};

test("what the SDK sends in the background and a stop cuts off is no error that nobody handled", async () => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => unhandled.push(error);
  // In place of the runner's own, which would fail the whole run and name no test.
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", listen);
  onTestFinished(() => {
    process.removeAllListeners("unhandledRejection");
    for (const each of others) process.on("unhandledRejection", each);
  });

  const client = await new KeyServer(SAM).client();
  expectToStop(client);
  const { outgoingRequestsManager: manager } = cryptoOf(client) as unknown as {
    outgoingRequestsManager: { doProcessOutgoingRequests(): Promise<void> };
  };
  // One runs, the next waits for its turn; nobody looks at that one, as in the SDK.
  const running = manager.doProcessOutgoingRequests();
  void manager.doProcessOutgoingRequests();
  client.stopClient();
  await Promise.allSettled([running]);
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setTimeout(resolve, 0));
  expect(unhandled).toEqual([]);
});
