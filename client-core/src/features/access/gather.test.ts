import { RoomId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { SignedInSession } from "../../session/api.ts";
import { FakeMachine } from "./fakeDevice.ts";
import { gather } from "./gather.ts";

function gatheredFrom(page: (number: number) => object[]) {
  let asked = 0;
  const session = {
    client: new FakeMachine().client,
    stopped: new AbortController().signal,
    request: () => Promise.resolve({ chunk: page(asked), end: `t${++asked}` }),
  } as unknown as SignedInSession;
  const done = gather({
    session,
    rooms: [RoomId.parse("!room")],
    span: { from: 1000, to: 2000 },
    note: () => 1500,
    pause: () => Promise.reject(new Error("no failure is expected")),
  });
  return { done, asked: () => asked };
}

test("a server that names one more page for ever, and has nothing in them, is not followed for ever", async () => {
  const { done, asked } = gatheredFrom(() => []);
  expect(await done).toEqual([]);
  expect(asked()).toBeLessThan(50);
});

test("a server that gives messages without end is told no", async () => {
  const { done } = gatheredFrom((number) => [
    {
      event_id: `$event${number}`,
      type: "m.room.encrypted",
      sender: "@somebody:example.test",
      origin_server_ts: 1500,
      content: {},
    },
  ]);
  await expect(done).rejects.toMatchObject({ code: "too_large" });
});
