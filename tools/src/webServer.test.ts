import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VERSION, VERSION_PATH } from "@hearth/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { GET as servedVersion } from "../../client-web/src/app/version.json/route.ts";
import { startWebServer } from "./webServer.ts";
import type { WebServer } from "./webServer.ts";

/** Stands in for Synapse: keeps what it was asked, and answers as the test says. */
class FakeHomeserver {
  readonly asked: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end("{}");
  readonly #server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.asked.push({
        method: request.method ?? "",
        url: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      });
      this.answer(request, response);
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let folder: string;
let homeserver: FakeHomeserver;
let web: WebServer;
const v3 = "/_matrix/client/v3";

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hearth-web-"));
  const out = join(folder, "out");
  mkdirSync(join(out, "_next/static"), { recursive: true });
  writeFileSync(join(out, "index.html"), "<!doctype html><script>self.a=1</script>");
  writeFileSync(join(out, "team.html"), "<!doctype html>team");
  writeFileSync(join(out, "404.html"), "<!doctype html>no such page");
  writeFileSync(join(out, "_next/static/a.wasm"), Buffer.alloc(5000, "wasm"));
  writeFileSync(join(out, "icon.svg"), "<svg/>");
  writeFileSync(join(out, VERSION_PATH), await servedVersion().text());
  homeserver = new FakeHomeserver();
  const homeserverUrl = await homeserver.start();
  web = await startWebServer({
    folder: out,
    homeserverUrl,
    botsUrl: homeserverUrl,
    port: 0,
    logPath: join(folder, "web.log"),
  });
});
afterEach(async () => {
  await web.close();
  await homeserver.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Sends a request line as it is: `fetch` would tidy the path first. */
async function raw(requestLine: string): Promise<string> {
  const { port } = new URL(web.url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.end(`${requestLine} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

describe("the static client", () => {
  test("pages are never stored and carry a policy with their own scripts' hashes", async () => {
    const answer = await fetch(`${web.url}/`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-security-policy")).toContain("'sha256-");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
    expect(await (await fetch(`${web.url}/team`)).text()).toContain("team");
  });

  test("hashed files are kept for good, typed and compressed", async () => {
    const answer = await fetch(`${web.url}/_next/static/a.wasm`, { headers: { "accept-encoding": "br" } });
    expect(answer.headers.get("content-type")).toBe("application/wasm");
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect(answer.headers.get("content-encoding")).toBe("br");
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.alloc(5000, "wasm"));
  });

  test("other files are asked for again, and not sent twice", async () => {
    const first = await fetch(`${web.url}/icon.svg`);
    const etag = first.headers.get("etag");
    expect(etag).toBeTruthy();
    const again = await fetch(`${web.url}/icon.svg`, { headers: { "if-none-match": etag ?? "" } });
    expect(again.status).toBe(304);
  });

  test("[L15] which version it serves may be asked by any page of this origin, and no browser keeps the answer", async () => {
    const answer = await fetch(`${web.url}${VERSION_PATH}`);
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(await answer.json()).toEqual({ version: VERSION });
    const page = await fetch(`${web.url}/`);
    expect(page.headers.get("content-security-policy")).toContain("connect-src 'self'");
  });

  test("what isn't there is a page that says so, and no way out of the folder", async () => {
    const answer = await fetch(`${web.url}/nothing`);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("no such page");
    for (const path of [
      "/../web.log",
      "/..%2fweb.log",
      "/%2e%2e/web.log",
      "//web.log",
      "/_next/static/../../../web.log",
    ])
      expect(await raw(`GET ${path}`)).toMatch(/^HTTP\/1.1 40[34]/);
  });

  test("[P7] only a script of our own origin may have the browser's data cleared", async () => {
    const ask = (headers: Record<string, string>) => fetch(`${web.url}/clear-site-data`, { headers });
    const own = await ask({ "sec-fetch-site": "same-origin", "sec-fetch-dest": "empty" });
    expect(own.status).toBe(204);
    expect(own.headers.get("clear-site-data")).toBe('"cache", "cookies", "storage"');
    for (const headers of [
      {},
      { "sec-fetch-site": "cross-site", "sec-fetch-dest": "image" },
      { "sec-fetch-site": "cross-site", "sec-fetch-dest": "empty" },
      { "sec-fetch-site": "same-origin", "sec-fetch-dest": "document" },
      { "sec-fetch-site": "none", "sec-fetch-dest": "document" },
    ] as Record<string, string>[]) {
      const answer = await ask(headers);
      expect(answer.status).toBe(403);
      expect(answer.headers.get("clear-site-data")).toBeNull();
    }
  });
});

describe("[P1] the proxy", () => {
  test("passes on what is allowed: path, query, token and body, and no more of the browser than that", async () => {
    const answer = await fetch(`${web.url}${v3}/rooms/!a:b/send/m.room.encrypted/t1?x=1`, {
      method: "PUT",
      headers: { authorization: "Bearer token", "content-type": "application/json", cookie: "a=b" },
      body: '{"a":1}',
    });
    expect(answer.status).toBe(200);
    expect(homeserver.asked).toMatchObject([
      {
        method: "PUT",
        url: `${v3}/rooms/!a%3Ab/send/m.room.encrypted/t1?x=1`,
        headers: { authorization: "Bearer token", "content-type": "application/json" },
        body: '{"a":1}',
      },
    ]);
    expect(homeserver.asked[0]?.headers).not.toHaveProperty("cookie");
    expect(homeserver.asked[0]?.headers).not.toHaveProperty("user-agent");
    expect(answer.headers.get("access-control-allow-origin")).toBeNull();
  });

  test.each([
    "GET /_synapse/admin/v2/users",
    "GET //_synapse/admin/v2/users",
    "GET /%5fsynapse/admin/v2/users",
    "GET /_matrix/client/../../_synapse/admin/v2/users",
    "GET /_matrix/client/%2e%2e/%2e%2e/_synapse/admin/v2/users",
    "GET /./_synapse/admin/v2/users",
    "GET /team/../_synapse/admin/v2/users",
    "GET http://localhost/_synapse/admin/v2/users",
    `PUT ${v3}/devices/A`,
    `PUT ${v3}//devices/A`,
    `OPTIONS ${v3}/login`,
    `GET ${v3}/sync?access_token=abc`,
  ])("%s is refused and never reaches the homeserver", async (requestLine) => {
    const answer = await raw(requestLine);
    expect(answer).toMatch(/^HTTP\/1.1 403 /);
    expect(answer).toContain('"errcode":"M_FORBIDDEN"');
    expect(homeserver.asked).toEqual([]);
  });

  test("[P1] a device's name that says more than the browser is refused", async () => {
    const answer = await fetch(`${web.url}${v3}/login`, {
      method: "POST",
      body: JSON.stringify({ initial_device_display_name: "Ada's phone" }),
    });
    expect(answer.status).toBe(403);
    expect(homeserver.asked).toEqual([]);
  });

  test("a body over a megabyte is refused, with its length said or not", async () => {
    const url = `${web.url}${v3}/keys/upload`;
    const body = Buffer.alloc(1024 * 1024 + 1, "x");
    const said = await fetch(url, { method: "POST", body }).catch(() => undefined);
    if (said) expect(said.status).toBe(413);
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(body);
        controller.close();
      },
    });
    const streamed = await fetch(url, { method: "POST", body: stream, duplex: "half" } as RequestInit).catch(
      () => undefined,
    );
    if (streamed) expect(streamed.status).toBe(413);
    expect(homeserver.asked).toEqual([]);
  });

  test("answers stream: the first part arrives while the homeserver is still at it", async () => {
    const rest = Promise.withResolvers<void>();
    homeserver.answer = (_, response) => {
      response.write("first");
      void rest.promise.then(() => response.end("second"));
    };
    const answer = await fetch(`${web.url}${v3}/sync`);
    const reader = answer.body!.getReader();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("first");
    rest.resolve();
    expect(Buffer.from((await reader.read()).value!).toString()).toBe("second");
  });

  test("a browser that goes away ends the homeserver's work for it", async () => {
    const gone = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    homeserver.answer = (_, response) => {
      response.on("close", () => gone.resolve());
      arrived.resolve();
    };
    const controller = new AbortController();
    const answer = fetch(`${web.url}${v3}/sync`, { signal: controller.signal });
    await arrived.promise;
    controller.abort();
    await expect(answer).rejects.toThrow();
    await gone.promise;
  });

  test("a homeserver that is down is said so, with a code", async () => {
    await homeserver.stop();
    const answer = await fetch(`${web.url}/_matrix/client/versions`);
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ errcode: "ORG.HEARTH.UNREACHABLE" });
  });

  test("the homeserver's Date is passed on: clients take it as trusted time", async () => {
    homeserver.answer = (_, response) => {
      response.setHeader("date", "Thu, 01 Jan 2026 00:00:00 GMT");
      response.end("{}");
    };
    const answer = await fetch(`${web.url}/_matrix/client/versions`);
    expect(answer.headers.get("date")).toBe("Thu, 01 Jan 2026 00:00:00 GMT");
  });

  test("no query, where tokens and search terms stand, gets into the log", async () => {
    await fetch(`${web.url}/_matrix/client/versions?secret=abc`);
    await web.close();
    const log = readFileSync(join(folder, "web.log"), "utf8");
    expect(log).toContain("GET /_matrix/client/versions 200");
    expect(log).not.toContain("abc");
  });
});

test("[V1] an invite link whose # was escaped leaves nothing of its secret in the log", async () => {
  for (const path of [
    "/join/%23org=test&secret=abc",
    "/join%23secret=abc",
    "/join/%2523secret=abc",
    "//join/%23secret=abc",
    "/join/secret=abc/",
    "/J%6fin/%23secret=abc",
    "/%23secret=abc",
    "/_next/%23secret=abc",
  ])
    expect([path, (await fetch(web.url + path)).ok]).toEqual([path, false]);
  await web.close();
  const log = readFileSync(join(folder, "web.log"), "utf8");
  expect(log).toContain("GET /join… 404");
  expect(log).not.toContain("abc");
});

describe("wipe records", () => {
  const target = "A".repeat(43);

  test("[P7] are asked of the bots without a token, and nothing else is", async () => {
    homeserver.answer = (request, response) => {
      response.statusCode = request.url === `/wipes/${target}` ? 200 : 404;
      response.end('{"v":1}');
    };
    const answer = await fetch(`${web.url}/wipes/${target}`, { headers: { authorization: "Bearer secret" } });
    expect([answer.status, await answer.text()]).toEqual([200, '{"v":1}']);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(homeserver.asked.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      [`/wipes/${target}`, undefined],
    ]);
    for (const other of [
      "",
      "A",
      `${target}A`,
      `${target}/x`,
      "..%2f_synapse%2fadmin",
      `${"A".repeat(42)}%2f`,
    ])
      expect([other, (await fetch(`${web.url}/wipes/${other}`)).ok]).toEqual([other, false]);
    expect((await fetch(`${web.url}/wipes/${target}`, { method: "POST" })).status).toBe(405);
    expect(homeserver.asked).toHaveLength(1);
  });

  test("[P7] without bots nobody is told that there is none", async () => {
    await homeserver.stop();
    expect((await fetch(`${web.url}/wipes/${target}`)).status).toBe(503);
  });
});
