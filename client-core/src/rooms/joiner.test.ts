import { RoomId, UserId } from "@hearth/protocol";
import { expect, test, vi } from "vitest";
import { HttpFailure, type Log } from "../session/api.ts";
import { Joiner } from "./joiner.ts";

const ROOM = RoomId.parse("!example:hearth.localhost");
const ME = UserId.parse("@example:hearth.localhost");
const BOT = "@hearth-bot:hearth.localhost";
/** The bot invites to an organisation's room. */
const INVITE = [
  {
    type: "m.room.create",
    state_key: "",
    sender: BOT,
    content: {
      type: "org.hearth.org",
      "org.hearth.org_id": "example",
      "m.federate": false,
      room_version: "12",
    },
  },
  { type: "m.room.member", state_key: ME, sender: BOT, content: { membership: "invite" } },
];

const nextTurn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test("an invite that the server does not answer to is not asked for any more once the session has ended", async () => {
  const stop = new AbortController();
  const join = vi.fn<(roomId: RoomId) => Promise<void>>(() =>
    Promise.reject(new HttpFailure(0, "", "The server can't be reached.")),
  );
  let tries = 0;
  const log = vi.fn<Log>();
  // Once the session has ended a pause is over at once, as ConnectionWatch's is.
  const pause = () => {
    tries += 1;
    if (tries === 2) stop.abort();
    return nextTurn();
  };
  const joiner = new Joiner({ userId: ME, stopped: stop.signal, log }, { join }, pause);
  joiner.invited(ROOM, INVITE);
  joiner.look(undefined, 0);
  await vi.waitFor(() => expect(join).toHaveBeenCalledTimes(2));
  for (let turns = 0; turns < 5; turns += 1) await nextTurn();
  expect(join).toHaveBeenCalledTimes(2);
  expect(log).not.toHaveBeenCalled();
});
