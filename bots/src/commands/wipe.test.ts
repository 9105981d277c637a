import {
  memberStateKey,
  Wipe,
  WipeWish,
  type CommandName,
  type UserId,
  type WipeRecord,
} from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RawEvent } from "../homeserver.ts";
import { admin, BOT, dispatcher, event, NOW, responder, situation } from "../testing/org.ts";
import { founded, otherKey } from "../testing/signers.ts";
import { wipeOf } from "../testing/wipes.ts";
import { decide } from "./decide.ts";

const { device, device_key, target, record } = wipeOf("PHONE");

function ask(name: CommandName, args: unknown, actor: UserId, events: RawEvent[], roomType = "admin") {
  const outcome = decide(
    { name, args, roomType: `org.hearth.${roomType}` as "org.hearth.admin", begun: false },
    situation(actor, events),
  );
  return outcome.ok ? outcome.plan.effects : outcome.code;
}

const published = (signed: WipeRecord, state = "waiting") => ({
  do: "org state",
  type: Wipe.type,
  key: target,
  content: { v: 1, record: signed, user: responder, device, device_key, by: admin, at: NOW, state },
});

test("[P7] [P9] the bot publishes what an admin of the roster signed, and nothing that no device would heed", async () => {
  const { events } = await founded();
  const signed = await record();
  const args = { user: responder, device, device_key, record: signed };
  expect(ask("wipe sign", args, admin, events)).toEqual([published(signed)]);
  expect(ask("wipe sign", args, dispatcher, events)).toBe("not_permitted");
  expect(ask("wipe sign", { ...args, record: await record({ key: otherKey }) }, admin, events)).toBe(
    "not_permitted",
  );
  const refused: object[] = [
    { device: "LAPTOP" },
    { user: dispatcher },
    { device_key: "E".repeat(43) },
    { record: await record({ org: "other" }) },
    { record: await record({ at: NOW - 3_600_000 }) },
    { record: { ...signed, signature: (await record({ key: otherKey })).signature } },
    { record: { ...signed, body: { ...signed.body, mode: "sign_out" } } },
  ];
  for (const change of refused)
    expect(ask("wipe sign", { ...args, ...change }, admin, events)).toBe("bad_arguments");
});

test("[P7] what is typed in the admin room only asks; signing or putting it away ends the asking", async () => {
  const { events } = await founded();
  const key = memberStateKey(responder);
  const content = { v: 1, user: responder, mode: "keys", by: admin, at: NOW, open: true };
  const wish = { do: "org state", type: WipeWish.type, key, content };
  expect(ask("wipe", { user: responder }, admin, events)).toEqual([wish]);
  expect(ask("wipe", { user: responder }, dispatcher, events)).toBe("not_permitted");
  expect(ask("wipe", { user: responder }, admin, events, "org")).toBe("wrong_room");
  expect(ask("wipe", { user: "@nobody:example.test" }, admin, events)).toBe("not_found");

  const asked = [...events, event(BOT, WipeWish.type, content, { key })];
  const closed = { ...wish, content: { ...content, open: false } };
  const signed = await record();
  const args = { user: responder, device, device_key, record: signed };
  expect(ask("wipe sign", args, admin, asked)).toEqual([published(signed), closed]);
  expect(ask("wipe dismiss", { user: responder }, admin, asked)).toEqual([closed]);
  expect(ask("wipe dismiss", { user: responder }, dispatcher, asked)).toBe("not_permitted");
});

test("[P7] an answer is noted, by an admin's client alone", async () => {
  const signed = await record();
  const { events } = await founded();
  const { content } = published(signed);
  const ordered = [...events, event(BOT, Wipe.type, content, { key: target })];
  expect(ask("wipe done", { target }, admin, ordered)).toEqual([published(signed, "acknowledged")]);
  expect(ask("wipe done", { target }, dispatcher, events)).toBe("not_permitted");
  expect(ask("wipe done", { target }, admin, events)).toBe("not_found");
});
