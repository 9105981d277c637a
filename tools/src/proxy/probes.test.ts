import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startWebServer } from "../webServer.ts";
import { readAllowList } from "./allowListFile.ts";
import { PROBE_KINDS, probesFor, wrongAnswers } from "./probes.ts";

const list = readAllowList();

/** Listens until the test is over. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

describe("[P1] a server in front of Synapse is held against the allow-list", () => {
  test.each(PROBE_KINDS)("npm start's server: %s", async (kind) => {
    const asked: string[] = [];
    const homeserverUrl = await serve((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end("{}");
    });
    const folder = mkdtempSync(join(tmpdir(), "hearth-probes-"));
    const web = await startWebServer({
      folder: undefined,
      homeserverUrl,
      port: 0,
      logPath: join(folder, "log"),
    });
    onTestFinished(async () => {
      await web.close();
      rmSync(folder, { recursive: true, force: true });
    });
    expect(await wrongAnswers(web.url.replace("localhost", "127.0.0.1"), list, kind)).toEqual([]);
    if (kind !== "row") expect(asked).toEqual([]);
  });

  test("one that lets all pass is found out by every kind of neighbour", async () => {
    const open = await serve((_, response) => response.end("{}"));
    for (const kind of PROBE_KINDS) {
      const wrong = await wrongAnswers(open, list, kind);
      expect([kind, wrong.length]).toEqual([
        kind,
        kind === "row" ? 0 : probesFor(list).filter((probe) => probe.kind === kind).length,
      ]);
    }
  });

  test("one that refuses all is found out by every row", async () => {
    const shut = await serve((_, response) => {
      response.statusCode = 403;
      response.end('{"errcode":"M_FORBIDDEN","error":"Hearth does not allow this request."}');
    });
    const dead = await serve((_, response) => {
      response.statusCode = 502;
      response.end();
    });
    const rows = probesFor(list).filter(({ kind }) => kind === "row");
    expect(await wrongAnswers(dead, list, "row")).toHaveLength(rows.length);
    expect(await wrongAnswers(shut, list, "deeper path")).not.toEqual([]);
  });

  test("every row has its methods and its neighbours of every kind", () => {
    const probes = probesFor(list);
    const rows = probes.filter(({ kind }) => kind === "row").map(({ method, path }) => `${method} ${path}`);
    expect(new Set(rows).size).toBe(rows.length);
    expect(rows.length).toBeGreaterThanOrEqual(list.requests.flatMap(({ methods }) => methods).length);
    for (const kind of PROBE_KINDS)
      expect(probes.filter((probe) => probe.kind === kind).length).toBeGreaterThanOrEqual(
        list.requests.length - list.requests.filter(({ path }) => path.endsWith("/")).length * 2,
      );
    expect(rows).toContain(
      "GET /_matrix/client/v3/rooms/!31hneApxJ_1o-63DmFrpeqnkFfWppnzWso1JvH3ogLM/state/m.room.encrypted/",
    );
    expect(
      probes.filter(({ kind }) => kind !== "row").map(({ method, path }) => `${method} ${path}`),
    ).not.toContain("GET /_matrix/client/v3/pushrules/");
  });
});
