// Synapse's transactions to the appservice are only wake-ups: what happened is read from the rooms afterwards, so a
// transaction that is lost, repeated or out of order does no harm. The SDK's own listener is not used: it compares the
// token with ===, knows no ping, and leaves a transaction hanging when a request it makes of its own accord fails.
import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";

export type Doorbell = { close(): Promise<void> };

/** A transaction holds at most 100 events of 64 kB. */
const LARGEST_BODY = 16 * 1024 * 1024;

/**
 * Listens on loopback for the homeserver.
 * @param options.wakes whether an event is a reason to ring
 * @throws Error when the port is taken
 */
export async function openDoorbell(options: {
  readonly port: number;
  readonly hsToken: string;
  readonly wakes: (event: { type?: unknown; state_key?: unknown }) => boolean;
  readonly onRing: () => void;
  /** What anybody may ask for, through the web server. */
  readonly answer?: (path: string) => { status: number; body: string } | undefined;
}): Promise<Doorbell> {
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(body));
    };
    void (async () => {
      const path = new URL(request.url ?? "/", "http://localhost").pathname;
      const open = request.method === "GET" ? options.answer?.(path) : undefined;
      if (open) {
        response.writeHead(open.status, { "Content-Type": "application/json" });
        response.end(open.body);
        return;
      }
      if (!isHomeserver(request, options.hsToken)) return answer(403, { errcode: "M_FORBIDDEN" });
      if (request.method === "POST" && path === "/_matrix/app/v1/ping") return answer(200, {});
      if (request.method === "PUT" && path.startsWith("/_matrix/app/v1/transactions/")) {
        if (concerns(await readBody(request), options.wakes)) options.onRing();
        return answer(200, {});
      }
      // Users and aliases that the homeserver asks about: none but the bot, whom it knows.
      return answer(404, { errcode: "M_NOT_FOUND" });
    })().catch(() => request.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Compares digests, which are of one length, in a time that tells nothing about where they differ. */
function isHomeserver(request: IncomingMessage, hsToken: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  return timingSafeEqual(digest(given), digest(hsToken));
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > LARGEST_BODY) throw new Error("transaction too large");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Whether a transaction holds something the bot acts on. When in doubt, yes: a needless look costs little. */
function concerns(body: string, wakes: (event: { type?: unknown; state_key?: unknown }) => boolean): boolean {
  try {
    const { events } = JSON.parse(body) as { events?: { type?: unknown; state_key?: unknown }[] };
    return events?.some(wakes) ?? true;
  } catch {
    return true;
  }
}
