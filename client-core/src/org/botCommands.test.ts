import { CommandId, Result, RoomId, UserId } from "@hearth/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import type { SignedInSession } from "../session/api.ts";
import { BotCommands } from "./botCommands.ts";
import { MovedClock } from "../work/movedClock.ts";
import type { Org } from "./org.ts";
import { readRawEvents } from "../rooms/rawEvent.ts";

const BOT = UserId.parse("@hearth-bot:example.test");
const ORG_ROOM = RoomId.parse("!org");
const COMMAND = CommandId.parse("AAAAAAAAAAAAAAAAAAAAAA");
const EVENT = "$command";
const RELATIONS = `/_matrix/client/v1/rooms/!org/relations/$command/m.reference/${Result.type}`;

const answerBy = (sender: string, id: string = COMMAND) => ({
  event_id: "$answer",
  type: Result.type,
  sender,
  origin_server_ts: 1,
  content: { v: 1, command_id: id, ok: true, data: { said: "done" } },
});

/** A server that has the events that are named `related`, and a sync that says nothing unless the test does. */
function asked(related: () => readonly object[], onPut: (bot: BotCommands) => void = () => {}) {
  const looked: string[] = [];
  const request = (method: string, path: string) => {
    if (method === "PUT") {
      onPut(bot);
      return Promise.resolve({ event_id: EVENT });
    }
    looked.push(decodeURIComponent(path).split("?")[0] ?? "");
    const chunk = related();
    return chunk.length > 0 ? Promise.resolve({ chunk }) : Promise.reject(new Error("the network is down"));
  };
  const session = { randomId: () => COMMAND, request, clock } as unknown as SignedInSession;
  const org = { roomId: ORG_ROOM, botUserId: BOT } as Org;
  const bot = new BotCommands(
    session,
    () => org,
    () => undefined,
  );
  const answer = bot.ask("policy set", { retention: undefined });
  // Heard from the beginning: it may be refused while a test moves the time.
  return { bot, looked, answer, outcome: Promise.allSettled([answer]) };
}

let clock: MovedClock;

beforeEach(() => {
  clock = new MovedClock();
});

describe("the bot's answer", () => {
  test("[P9] that comes by sync is not looked for", async () => {
    const { bot, looked, answer } = asked(() => []);
    await clock.pass(1000);
    bot.take(readRawEvents([answerBy(BOT)]));
    expect(await answer).toEqual({ said: "done" });
    await clock.pass(60_000);
    expect(looked).toEqual([]);
  });

  test("[P9] counts that comes before the server has said that it has the command", async () => {
    const { answer } = asked(
      () => [],
      (bot) => bot.take(readRawEvents([answerBy(BOT)])),
    );
    expect(await answer).toEqual({ said: "done" });
  });

  test("[P9] that sync leaves out is found at the server", async () => {
    const { looked, outcome } = asked(() => [answerBy(BOT)]);
    await clock.pass(60_000);
    expect(await outcome).toMatchObject([{ value: { said: "done" } }]);
    expect(looked).toEqual([RELATIONS]);
  });

  test("[P9] is the bot's, to this command, or none", async () => {
    const others = [answerBy("@somebody:example.test"), answerBy(BOT, "B".repeat(22))];
    const { looked, outcome } = asked(() => others);
    await clock.pass(60_000);
    expect(await outcome).toMatchObject([{ reason: { code: "no_answer" } }]);
    expect(looked.length).toBeGreaterThan(1);
  });

  test("[P9] is waited for while the network is down", async () => {
    let down = true;
    const { outcome } = asked(() => (down ? [] : [answerBy(BOT)]));
    await clock.pass(7000);
    down = false;
    await clock.pass(60_000);
    expect(await outcome).toMatchObject([{ value: { said: "done" } }]);
  });
});
