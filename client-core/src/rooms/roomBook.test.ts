import { EventId, RoomId, UserId } from "@hearth/protocol";
import { expect, test, vi } from "vitest";
import type { Log, SignedInSession } from "../session/api.ts";
import type { Decryptor } from "./decryptor.ts";
import { RoomBook, type BookListener } from "./roomBook.ts";

const ROOM = RoomId.parse("!request:hearth.localhost");
const ME = UserId.parse("@example:hearth.localhost");

test("what goes wrong when a change is told of is logged by name: it ends neither the program nor the next change", async () => {
  const log = vi.fn<Log>();
  const session = {
    userId: ME,
    records: { get: () => Promise.resolve(), all: () => Promise.resolve([]), write: () => Promise.resolve() },
    stopped: new AbortController().signal,
    now: () => 0,
    log,
  } as unknown as SignedInSession;
  const onChange = vi.fn<BookListener["onChange"]>();
  onChange.mockImplementationOnce(() => {
    throw new Error("a view can't be made of this");
  });
  const book = new RoomBook(session, {} as Decryptor, [], () => Promise.resolve(), {
    write: () => Promise.resolve(),
    onChange,
    onEvents: () => ({ keys: [], write: [] }),
    onInvite: () => {},
    onJoined: () => {},
    onGone: () => {},
    isPast: () => false,
  });
  const event = (type: string, content: Record<string, unknown>, state_key: string) => ({
    event_id: EventId.parse(`$${type}`),
    type,
    sender: ME,
    origin_server_ts: 0,
    content,
    state_key,
  });
  const state = [
    event("m.room.create", { type: "org.hearth.org", "org.hearth.org_id": "example" }, ""),
    event("m.room.member", { membership: "join" }, ME),
  ];
  const update = { roomId: ROOM, state, timeline: [], mayHaveGap: false, prevBatch: undefined };
  await book.take([{ ...update, inviteState: undefined }], false);
  await vi.waitFor(() => expect(log).toHaveBeenCalledOnce());
  expect(log.mock.lastCall?.[1]).toBe("telling what changed in rooms failed");
  await book.change(ROOM, () => Promise.resolve());
  await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2));
});
