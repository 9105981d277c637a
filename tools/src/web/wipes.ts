// Wipe records, for devices whose token is dead. To ask for one takes its target, and that takes the device's own key.
// The bots have them; see docs/encryption.md, P7.
import type { ServerResponse } from "node:http";
import { WIPES_PATH, WipeTarget } from "@hearth/protocol";

const TIMEOUT_MS = 3_000;
/** A record with a roster of a few thousand people. */
const LARGEST = 8 * 1024 * 1024;

/** @param path starts with WIPES_PATH */
export async function serveWipe(
  botsUrl: string | undefined,
  path: string,
  response: ServerResponse,
): Promise<void> {
  const target = WipeTarget.safeParse(path.slice(WIPES_PATH.length));
  if (!target.success) return send(response, 404, "{}");
  try {
    const url = `${botsUrl ?? ""}${WIPES_PATH}${target.data}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const body = await answer.text();
    if (body.length > LARGEST) throw new RangeError("a wipe record is not as long as that");
    send(response, [200, 404].includes(answer.status) ? answer.status : 503, body);
  } catch {
    // The bots are down: the device asks again.
    send(response, 503, "{}");
  }
}

function send(response: ServerResponse, status: number, body: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("cache-control", "no-store");
  response.end(body);
}
