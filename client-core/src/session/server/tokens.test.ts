import { describe, expect, test } from "vitest";
import { MovedClock } from "../../work/movedClock.ts";
import { HttpFailure } from "../api.ts";
import { requestJson } from "./http.ts";
import { Tokens } from "./tokens.ts";
import type { DeadToken, TokenPair } from "./tokens.ts";

type Answer = { status: number; body: unknown } | "no answer";
const json = (status: number, body: unknown): Answer => ({ status, body });
const ok = json(200, { fine: true });

/** A homeserver that knows one live token and answers `/refresh` by a script. */
function scriptedServer(refreshAnswers: Answer[]) {
  const state = { live: "token-0", expired: false, refreshed: [] as string[], asked: [] as string[] };
  const answer = (given: Answer): Response => {
    if (given === "no answer") throw new TypeError("fetch failed");
    const text = typeof given.body === "string" ? given.body : JSON.stringify(given.body);
    return new Response(text, { status: given.status });
  };
  const fetch = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    await Promise.resolve();
    if (String(url).endsWith("/refresh")) {
      const { refresh_token } = JSON.parse(init.body as string) as { refresh_token: string };
      state.refreshed.push(refresh_token);
      const next = refreshAnswers.shift();
      if (!next) throw new Error("one refresh too many");
      if (next !== "no answer" && next.status === 200) {
        state.live = (next.body as { access_token: string }).access_token;
        state.expired = false;
      }
      return answer(next);
    }
    const token = new Headers(init.headers).get("Authorization")?.replace("Bearer ", "") ?? "";
    state.asked.push(token);
    if (token !== state.live) return answer(json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: false }));
    if (state.expired) return answer(json(401, { errcode: "M_UNKNOWN_TOKEN", soft_logout: true }));
    return answer(ok);
  };
  return { fetch, state };
}

function setUp(refreshAnswers: Answer[], options: { persist?: (pair: TokenPair) => Promise<void> } = {}) {
  const server = scriptedServer(refreshAnswers);
  const clock = new MovedClock(1_000_000);
  const persisted: TokenPair[] = [];
  const dead: DeadToken[] = [];
  const tokens = new Tokens(
    { accessToken: "token-0", refreshToken: "refresh-0", expiresAt: clock.now() + 300_000 },
    {
      baseUrl: "http://server",
      fetch: server.fetch,
      clock,
      log: () => {},
      persist: async (pair) => {
        await options.persist?.(pair);
        persisted.push(pair);
      },
      onDead: (reason) => dead.push(reason),
    },
  );
  const through = { fetch: tokens.fetch, baseUrl: "http://server", clock };
  const ask = () => requestJson<unknown>(through, "GET", "/_matrix/client/v3/thing");
  return { ...server, clock, persisted, dead, tokens, ask };
}

const pair = (n: number) =>
  json(200, { access_token: `token-${n}`, refresh_token: `refresh-${n}`, expires_in_ms: 300_000 });

describe("one refresher", () => {
  test("refreshes ahead of expiry, and not before", async () => {
    const { ask, clock, state } = setUp([pair(1)]);
    await ask();
    expect(state.refreshed).toEqual([]);
    clock.set(clock.now() + 280_000);
    await ask();
    expect(state.refreshed).toEqual(["refresh-0"]);
    expect(state.asked).toEqual(["token-0", "token-1"]);
  });

  test("many requests at once refresh once", async () => {
    const { ask, clock, state } = setUp([pair(1)]);
    clock.set(clock.now() + 290_000);
    await Promise.all(Array.from({ length: 10 }, ask));
    expect(state.refreshed).toEqual(["refresh-0"]);
    expect(state.asked).toEqual(Array.from({ length: 10 }, () => "token-1"));
  });

  test("the pair is written before it is used", async () => {
    let asked: string[] = [];
    const world = setUp([pair(1)], {
      persist: async () => {
        await Promise.resolve();
        asked = [...world.state.asked];
      },
    });
    world.clock.set(world.clock.now() + 290_000);
    await world.ask();
    expect(asked).toEqual([]);
    expect(world.persisted[0]).toMatchObject({ accessToken: "token-1", refreshToken: "refresh-1" });
  });

  test("a pair that could not be written is written later, and not asked for again", async () => {
    let full = true;
    const world = setUp([pair(1)], {
      persist: () => (full ? Promise.reject(new DOMException("", "QuotaExceededError")) : Promise.resolve()),
    });
    world.clock.set(world.clock.now() + 400_000);
    await expect(world.ask()).rejects.toThrow();
    expect(world.state.asked).toEqual([]);
    full = false;
    await world.ask();
    expect(world.state.refreshed).toEqual(["refresh-0"]);
    expect(world.state.asked).toEqual(["token-1"]);
  });

  test("[P7] a good answer without a token takes the place of nothing", async () => {
    const { ask, clock, state, dead, persisted } = setUp([json(200, {}), pair(2)]);
    clock.set(clock.now() + 400_000);
    await expect(ask()).rejects.toMatchObject({ status: 0 });
    expect(persisted).toEqual([]);
    await ask();
    expect(state.refreshed).toEqual(["refresh-0", "refresh-0"]);
    expect(dead).toEqual([]);
  });

  test("a lost answer is asked again with the same refresh token", async () => {
    const { ask, clock, state, dead } = setUp(["no answer", pair(2)]);
    clock.set(clock.now() + 400_000);
    await expect(ask()).rejects.toMatchObject({ status: 0 });
    await ask();
    expect(state.refreshed).toEqual(["refresh-0", "refresh-0"]);
    expect(dead).toEqual([]);
  });

  test("while the server is away, what is left of the token's life is used", async () => {
    const { ask, clock, state } = setUp(["no answer", pair(1)]);
    clock.set(clock.now() + 290_000);
    await ask();
    expect(state.asked).toEqual(["token-0"]);
    clock.set(clock.now() + 20_000);
    await ask();
    expect(state.asked).toEqual(["token-0", "token-1"]);
  });

  test("an expired token is refreshed although the clock said it was good", async () => {
    const { ask, state, dead } = setUp([pair(1)]);
    state.expired = true;
    await ask();
    expect(state.asked).toEqual(["token-0", "token-1"]);
    expect(dead).toEqual([]);
  });

  test("a request that crossed with a refresh is sent again, and nobody is locked", async () => {
    const { ask, clock, state, dead } = setUp([pair(1)]);
    const slow = ask();
    clock.set(clock.now() + 290_000);
    await Promise.all([slow, ask()]);
    expect(dead).toEqual([]);
    expect(state.live).toBe("token-1");
  });
});

describe("[P7] a dead token locks, and nothing else does", () => {
  test.each([
    ["unknown token", { errcode: "M_UNKNOWN_TOKEN", soft_logout: false }],
    ["locked account", { errcode: "M_USER_LOCKED", soft_logout: true }],
    ["missing token", { errcode: "M_MISSING_TOKEN" }],
  ])("%s", async (_name, body) => {
    const world = setUp([]);
    const tokens = new Tokens(
      { accessToken: "t", refreshToken: "r" },
      {
        baseUrl: "http://server",
        fetch: () => Promise.resolve(new Response(JSON.stringify(body), { status: 401 })),
        clock: world.clock,
        log: () => {},
        persist: () => Promise.resolve(),
        onDead: (reason) => world.dead.push(reason),
      },
    );
    const through = { fetch: tokens.fetch, baseUrl: "http://server", clock: world.clock };
    const ask = () => requestJson(through, "GET", "/_matrix/client/v3/thing");
    await expect(ask()).rejects.toMatchObject({ errcode: body.errcode });
    await expect(ask()).rejects.toBeInstanceOf(HttpFailure);
    expect(world.dead).toHaveLength(1);
  });

  test.each([
    [401, { errcode: "M_UNKNOWN_TOKEN", error: "refresh token does not exist" }],
    [403, { errcode: "M_FORBIDDEN", error: "refresh token isn't valid anymore" }],
  ])("a refresh token that is refused with %i", async (status, body) => {
    const { ask, clock, dead } = setUp([json(status, body)]);
    clock.set(clock.now() + 400_000);
    await expect(ask()).rejects.toBeInstanceOf(HttpFailure);
    expect(dead).toHaveLength(1);
  });

  test.each([
    ["a proxy's error page", 502, "<html>Bad gateway</html>"],
    ["a proxy's 401 page", 401, "<html>Sign in to the café</html>"],
    ["a proxy's 403 page", 403, "<html>No</html>"],
    ["a server in trouble", 500, JSON.stringify({ errcode: "M_UNKNOWN" })],
    ["a rate limit", 429, JSON.stringify({ errcode: "M_LIMIT_EXCEEDED" })],
  ])("%s does not lock, at a refresh either", async (_name, status, body) => {
    const { ask, clock, dead } = setUp([json(status, body), pair(1)]);
    clock.set(clock.now() + 400_000);
    await expect(ask()).rejects.toBeInstanceOf(HttpFailure);
    expect(dead).toEqual([]);
    await ask();
  });

  test("a request for the password is no refusal of the token", async () => {
    const body = { flows: [{ stages: ["m.login.password"] }], session: "s", errcode: "M_FORBIDDEN" };
    const world = setUp([]);
    const tokens = new Tokens(
      { accessToken: "t" },
      {
        baseUrl: "http://server",
        fetch: () => Promise.resolve(new Response(JSON.stringify(body), { status: 401 })),
        clock: world.clock,
        log: () => {},
        persist: () => Promise.resolve(),
        onDead: (reason) => world.dead.push(reason),
      },
    );
    const response = await tokens.fetch("http://server/_matrix/client/v3/delete_devices");
    expect(response.status).toBe(401);
    expect(world.dead).toEqual([]);
  });
});
