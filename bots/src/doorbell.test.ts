import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wakes } from "./bot.ts";
import { openDoorbell } from "./doorbell.ts";
import type { Doorbell } from "./doorbell.ts";
import { BOT } from "./testing/org.ts";

const hsToken = "a long token that only the homeserver knows";
let bell: Doorbell;
let port: number;
let rings: number;

/** On a port that was free a moment ago; on another one where somebody else was quicker. */
async function opened(): Promise<Doorbell> {
  for (;;) {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
    port = (probe.address() as AddressInfo).port;
    await new Promise((resolve) => probe.close(resolve));
    try {
      return await openDoorbell({
        port,
        hsToken,
        wakes: (event) => wakes(event, BOT),
        onRing: () => {
          rings += 1;
        },
      });
    } catch (error) {
      if ((error as { code?: string }).code !== "EADDRINUSE") throw error;
    }
  }
}

beforeEach(async () => {
  rings = 0;
  bell = await opened();
});

afterEach(() => bell.close());

async function send(method: string, path: string, body: unknown, token = hsToken): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: token === "" ? {} : { authorization: `Bearer ${token}` },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await answer.text();
  return answer.status;
}

const transaction = (events: unknown, token?: string) =>
  send("PUT", "/_matrix/app/v1/transactions/1", { events }, token);

describe("the doorbell", () => {
  it("rings for what the bot acts on: commands, messages, profiles, and invites to the bot", async () => {
    for (const type of ["org.hearth.command", "m.room.message", "org.hearth.profile"])
      expect(await transaction([{ type }])).toBe(200);
    expect(await transaction([{ type: "m.room.member", state_key: BOT }])).toBe(200);
    expect(rings).toBe(4);
  });

  it("stays still for the rest", async () => {
    await transaction([
      { type: "m.room.encrypted" },
      { type: "m.room.member", state_key: "@other:example.test" },
    ]);
    expect(rings).toBe(0);
  });

  it("rings when in doubt", async () => {
    expect(await send("PUT", "/_matrix/app/v1/transactions/2", "{not json")).toBe(200);
    expect(rings).toBe(1);
  });

  it.each(["", "wrong", `${hsToken}x`])("lets nobody ring with the token %j", async (token) => {
    expect(await transaction([{ type: "org.hearth.command" }], token)).toBe(403);
    expect(rings).toBe(0);
  });

  it("answers a ping, and knows no users and no aliases", async () => {
    expect(await send("POST", "/_matrix/app/v1/ping", {})).toBe(200);
    expect(await send("POST", "/_matrix/app/v1/users/x", {})).toBe(404);
  });
});
