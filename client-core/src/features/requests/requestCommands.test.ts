import {
  initialRequest,
  memberStateKey,
  reduceRequest,
  UserId,
  type RequestDeed,
  type RequestState,
} from "@hearth/protocol";
import { expect, test } from "vitest";
import { requestProjection } from "./projection.ts";
import { RequestCommands } from "./requestCommands.ts";

const ME = UserId.parse("@sam:hearth.localhost");
const ROOM = "!room";
const ALL = new Set(["administer_requests", "edit_request_data", "close_requests"] as const);

const opened = (): RequestState =>
  reduceRequest(initialRequest(), {
    eventId: "$opened" as never,
    sender: ME,
    serverTs: 1,
    type: "org.hearth.request.opened",
    content: {
      v: 1,
      id: "AAAAAAAAAAAAAAAAAAAAAA",
      device: "D",
      seq: 1,
      at: 1,
      heads: [],
      display_id: "0101-K7Q",
      fields: { description: "Example" },
    },
    senderPermissions: ALL,
  });

function commands() {
  const added: unknown[] = [];
  const role = { v: 1, name: "Example", versions: [{ from: 0, groups: ["manage_requests"] }] };
  const member = { v: 1, joined_at: 0, roles: [{ role: "example", from: 0 }] };
  const access = { roles: new Map([["example", role]]), members: new Map([[memberStateKey(ME), member]]) };
  const book = {
    org: { access },
    now: () => 2,
    rooms: new Map([
      [ROOM, { roomId: ROOM, projection: requestProjection, projected: opened(), digest: {} }],
    ]),
  };
  const outbox = {
    inRoom: () => [],
    add: (roomId: string, work: unknown) => {
      added.push([roomId, work]);
      return Promise.resolve([]);
    },
  };
  const session = { userId: ME, deviceId: "D", now: () => 2, randomId: () => "BBBBBBBBBBBBBBBBBBBBBB" };
  const parts = [session, book, outbox, (id: string) => id] as unknown as ConstructorParameters<
    typeof RequestCommands
  >;
  return { added, requests: new RequestCommands(...parts) };
}

test("[C5] a screen asks for an entry by its definition, which reads it before it is queued", async () => {
  const { added, requests } = commands();
  await requests.do({ roomId: ROOM, deed: { kind: "set_status", status: "on_site" } });
  const entry = { type: "org.hearth.request.status", payload: { status: "on_site" } };
  expect(added).toEqual([[ROOM, [{ kind: "entry", entryId: "BBBBBBBBBBBBBBBBBBBBBB", entry }]]]);
});

test("[C5] what its definition refuses is not queued, and the sentence is the definition's", async () => {
  const { added, requests } = commands();
  const said = (deed: unknown) =>
    requests.do({ roomId: ROOM, deed: deed as RequestDeed }).then(
      () => "done",
      (error: Error) => error.message,
    );
  expect(await said({ kind: "set_status", status: "flying" })).toMatch(/^There is no such status/);
  expect(await said({ kind: "set_status" })).toMatch(/^There is no such status/);
  expect(await said({ kind: "edit" })).toBe("Nothing was changed.");
  expect(await said({ kind: "edit", changes: { description: " " } })).toMatch(/can't be empty/);
  expect(added).toEqual([]);
});

test("[C5] entries with a deed of their own, and what there is not, are refused", async () => {
  const { added, requests } = commands();
  for (const kind of ["open", "close", "reopen", "snapshot", "fly", "toString"])
    await expect(
      requests.do({ roomId: ROOM, deed: { kind } as unknown as RequestDeed }),
    ).rejects.toMatchObject({ code: "refused" });
  expect(added).toEqual([]);
});
