// Passes allowed requests on to Synapse. Answers are streamed, so long polls and long lists need no memory here;
// requests are small by rule and read whole, because some are looked at.
import { Agent, request as httpRequest } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { IsAllowed } from "./allowList.ts";
import { refuseBody, refuseUpload } from "./bodies.ts";
import type { Refusal } from "./bodies.ts";
import { plainPath, spellPath } from "./path.ts";

/** Synapse's own limit for an event is 64 kB; key uploads and backups come in larger batches. */
const bodyLimit = 1024 * 1024;

const requestHeaders = ["authorization", "content-type", "accept"];
/** The Date is what the client takes as trusted time. CORS headers are left out: there is one origin. */
const answerHeaders = [
  "content-type",
  "content-length",
  "cache-control",
  "retry-after",
  "date",
  "content-disposition",
];

/** What a request that is not on the list is told, here and by a production edge. */
export const notOffered: Refusal = {
  status: 403,
  errcode: "M_FORBIDDEN",
  error:
    "Hearth does not allow this request. If the app showed you this, reload it; if that doesn't help, tell the people who run your Hearth.",
};
const tokenInAddress: Refusal = {
  status: 403,
  errcode: "M_FORBIDDEN",
  error: "A token must not stand in an address, where logs would keep it: send it as a header.",
};
const tooLarge: Refusal = {
  status: 413,
  errcode: "M_TOO_LARGE",
  error: "This is too large to send. Make it shorter, or send it in parts.",
};
const unreachable: Refusal = {
  status: 502,
  errcode: "ORG.HEARTH.UNREACHABLE",
  error: "Hearth's server is not answering right now. What you wrote is kept; try again in a minute.",
};

export interface Proxy {
  /** Answers the request, whatever becomes of it. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

/**
 * @param homeserverUrl Synapse's inner address, `http://127.0.0.1:<port>`
 * @param isAllowed which requests may pass
 */
export function createProxy(homeserverUrl: string, isAllowed: IsAllowed): Proxy {
  const { hostname, port } = new URL(homeserverUrl);
  // Synapse closes a connection that was idle for a minute. What is sent into one that is just being closed has no answer,
  // so this side closes it before.
  const agent = new Agent({ keepAlive: true, timeout: 30_000 });

  function pass(request: IncomingMessage, response: ServerResponse, path: string, body: Buffer): void {
    const headers: Record<string, string> = {
      "content-length": String(body.length),
      "x-forwarded-for": request.socket.remoteAddress ?? "",
      "x-forwarded-proto": "http",
    };
    for (const name of requestHeaders) {
      const value = request.headers[name];
      if (typeof value === "string") headers[name] = value;
    }
    const upstream = httpRequest({ agent, hostname, port, method: request.method, path, headers });
    upstream.on("response", (answer) => {
      response.statusCode = answer.statusCode ?? 502;
      for (const name of answerHeaders) {
        const value = answer.headers[name];
        if (value !== undefined) response.setHeader(name, value);
      }
      answer.pipe(response);
      answer.on("error", () => response.destroy());
      answer.on("aborted", () => response.destroy());
    });
    upstream.on("error", () => {
      if (response.headersSent) response.destroy();
      else refuse(response, unreachable);
    });
    // The browser went away, from a long poll perhaps: Synapse need not go on for it.
    response.on("close", () => upstream.destroy());
    upstream.end(body);
  }

  return {
    handle(request, response) {
      const method = request.method ?? "";
      const path = plainPath(request.url ?? "");
      if (!path || !isAllowed(method, path.segments)) return refuseEarly(request, response, notOffered);
      if (new URLSearchParams(path.query).has("access_token"))
        return refuseEarly(request, response, tokenInAddress);
      if (Number(request.headers["content-length"] ?? 0) > bodyLimit)
        return refuseEarly(request, response, tooLarge);
      readBody(request).then(
        (body) => {
          if (body === undefined) return refuseEarly(request, response, tooLarge);
          const refusal =
            refuseUpload(method, path.segments, path.query, request.headers["content-type"]) ??
            refuseBody(method, path.segments, body);
          if (refusal) return refuse(response, refusal);
          pass(request, response, spellPath(path.segments) + path.query, body);
        },
        () => response.destroy(),
      );
    },
    close() {
      agent.destroy();
    },
  };
}

/** @returns the body, or undefined when it is over the limit */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Refuses before the body was read; the connection is closed after the answer, because the rest of it isn't wanted. */
function refuseEarly(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  if (!request.complete) response.setHeader("connection", "close");
  refuse(response, refusal);
  request.resume();
}

export function refuse(response: ServerResponse, { status, errcode, error }: Refusal): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  response.end(JSON.stringify({ errcode, error }));
}
