// The one origin that browsers see: the static web client, and the homeserver's client API by allow-list.
import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, RequestListener, Server, ServerResponse } from "node:http";
import { WIPES_PATH } from "@hearth/protocol";
import { Problem } from "../setup/problem.mjs";
import { portForbidden, portTaken } from "../setup/startOptions.mjs";
import { freePorts } from "./instance/ports.ts";
import { allowing } from "./proxy/allowList.ts";
import { readAllowList } from "./proxy/allowListFile.ts";
import { plainPath } from "./proxy/path.ts";
import { createProxy, refuse } from "./proxy/proxy.ts";
import { contentSecurityPolicy } from "./web/csp.ts";
import { loadStaticFiles } from "./web/staticFiles.ts";
import { serveWipe } from "./web/wipes.ts";

export interface WebServerOptions {
  /** The static export; undefined serves the proxy alone. */
  readonly folder: string | undefined;
  readonly homeserverUrl: string;
  /** The bots' inner address, for wipe records. */
  readonly botsUrl?: string;
  /** 0 for a free one. */
  readonly port: number;
  /** Gets one line a request: method, path without its query, status, milliseconds. */
  readonly logPath: string;
  /** Which requests the homeserver may be asked; default: synapse-config/allow-list.json. */
  readonly allowListPath?: string;
}

export interface WebServer {
  /** `http://localhost:<port>`: browsers count that as a secure context. */
  readonly url: string;
  close(): Promise<void>;
}

const everywhere: Readonly<Record<string, string>> = {
  "content-security-policy": contentSecurityPolicy(),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "origin-agent-cluster": "?1",
  // The camera scans the code on another screen, when somebody asks for it.
  "permissions-policy":
    "accelerometer=(), autoplay=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * Listens on the loopback interface.
 * @throws Problem when the port is taken or may not be used, or the list of allowed requests has a mistake
 */
export async function startWebServer(options: WebServerOptions): Promise<WebServer> {
  const files = loadStaticFiles(options.folder);
  const proxy = createProxy(options.homeserverUrl, allowing(readAllowList(options.allowListPath)));
  const file = createWriteStream(options.logPath, { flags: "a", mode: 0o600 });
  // Connections that are cut off by closing the server still end one by one after it.
  const log = { write: (line: string) => void (file.writableEnded || file.write(line)) };

  const answer: RequestListener = (request, response) => {
    const begun = performance.now();
    for (const [name, value] of Object.entries(everywhere)) response.setHeader(name, value);
    response.on("close", () => {
      const path = loggedPath(request.url ?? "", response.statusCode);
      const took = (performance.now() - begun).toFixed(0);
      log.write(
        `${new Date().toISOString()} ${request.method} ${path} ${response.statusCode}${response.writableFinished ? "" : " cut"} ${took} ms\n`,
      );
    });
    route(request, response).catch((error: unknown) => {
      log.write(
        `${new Date().toISOString()} ERROR ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      if (response.headersSent) response.destroy();
      else
        refuse(response, { status: 500, errcode: "M_UNKNOWN", error: "The web server failed. Try again." });
    });
  };

  async function route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? "";
    // Anything that could be meant for the homeserver is the proxy's to refuse, however it is spelled.
    if (/^\/*(_|%5f)(matrix|synapse)/i.test(target) || !plainPath(target))
      return proxy.handle(request, response);
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return refuse(response, {
        status: 405,
        errcode: "M_UNRECOGNIZED",
        error: "This address can only be read.",
      });
    }
    const path = `/${plainPath(target)?.segments.join("/") ?? ""}`;
    if (path === "/healthz") return plain(response, 200, "ok\n");
    if (path === "/clear-site-data") {
      // Asked for by a client that signed out or was wiped: the browser drops all it keeps for this origin. Nobody
      // else may ask: a link or an image on a foreign page would destroy somebody's keys.
      if (!isOwnFetch(request))
        return refuse(response, {
          status: 403,
          errcode: "M_FORBIDDEN",
          error: "Only Hearth itself may ask for this. To clear this browser, sign out in Hearth.",
        });
      response.setHeader("clear-site-data", '"cache", "cookies", "storage"');
      return plain(response, 204, "");
    }
    if (path.startsWith(WIPES_PATH)) return serveWipe(options.botsUrl, path, response);
    await files.serve(path, request, response);
  }

  const first = await listen(answer, "127.0.0.1", options.port || (await freePorts(1))[0] || 0);
  const port = portOf(first);
  // Where "localhost" is ::1 first, browsers would wait for a connection there, or meet another program.
  const second = await listen(answer, "::1", port).catch((error: unknown) => {
    if (!(error instanceof Problem)) return undefined;
    first.close();
    throw error;
  });
  const servers = second ? [first, second] : [first];
  return {
    url: `http://localhost:${port}`,
    async close() {
      await Promise.all(
        servers.map(
          (server) =>
            new Promise<void>((resolve) => {
              server.close(() => resolve());
              server.closeAllConnections();
            }),
        ),
      );
      proxy.close();
      await new Promise<void>((resolve) => file.end(resolve));
    },
  };
}

/**
 * A path as the log may have it: without its query, and of what is no page of ours only the beginning. Where a `#` was
 * escaped on its way, an invite's secret follows in the path.
 */
function loggedPath(target: string, status: number): string {
  const path = target.replace(/[?#].*/s, "");
  if (status < 400 || /^\/_(matrix|synapse)\//.test(path)) return path;
  const [begin = "/"] = /^\/[a-z-]{0,20}/i.exec(path) ?? [];
  return begin.length < path.length ? `${begin}…` : path;
}

/** A script of our own origin, as the browser itself says (a page can't forge these headers), and no navigation. */
function isOwnFetch({ headers }: IncomingMessage): boolean {
  return headers["sec-fetch-site"] === "same-origin" && headers["sec-fetch-dest"] === "empty";
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("cache-control", "no-store");
  if (text) response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(text || undefined);
}

function listen(listener: RequestListener, host: string, port: number): Promise<Server> {
  const server = createServer(listener);
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(portTaken(port));
      else if (error.code === "EACCES") reject(portForbidden(port));
      else reject(error);
    });
    server.listen({ host, port, ipv6Only: true }, () => {
      server.removeAllListeners("error");
      resolve(server);
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server without a port");
  return address.port;
}
