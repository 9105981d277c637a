import { decideLease } from "@hearth/protocol";
import type { LeaseRecord } from "@hearth/protocol";
import type { Environment } from "../environment.ts";
import { parseObject } from "../server/http.ts";
import { pause } from "../../work/clock.ts";

/** For how long the server is asked for its time before it counts as out of reach. */
const PATIENCE_MS = 15_000;
const BETWEEN_ASKS_MS = 500;

/**
 * [P7] Whether the lease has run out while the key is locked. Nobody has a token then, so this is no contact and renews
 * nothing; but a wrong clock of the device must not cost anybody their keys, so the server's time is asked for first, as
 * it stands on an answer that needs no token. Once the key is unlocked the lease is looked at again, with the token.
 * @returns false also where the clocks leave it open: the keys stay, and stay locked
 */
export async function isLeaseOver(
  record: LeaseRecord,
  environment: Pick<Environment, "baseUrl" | "fetch" | "clock">,
  signal: AbortSignal,
): Promise<boolean> {
  const verdict = () => decideLease({ record, now: environment.clock.now(), asked: false });
  if (verdict() === "go") return false;
  const until = environment.clock.monotonic() + Math.min(PATIENCE_MS, Math.max(record.leaseMs, 1_000));
  for (;;) {
    const left = until - environment.clock.monotonic();
    if (left <= 0) break;
    const server = await serverTime(
      environment,
      AbortSignal.any([signal, environment.clock.timeout(Math.ceil(left))]),
    );
    signal.throwIfAborted();
    if (server !== undefined)
      return decideLease({ record, now: environment.clock.now(), server, asked: false }) === "destroy";
    await pause(environment.clock, Math.min(BETWEEN_ASKS_MS, left));
  }
  return decideLease({ record, now: environment.clock.now(), asked: true }) === "destroy";
}

async function serverTime(
  { baseUrl, fetch: doFetch }: Pick<Environment, "baseUrl" | "fetch">,
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    const response = await doFetch(`${baseUrl}/_matrix/client/versions`, { signal, cache: "no-store" });
    const isForeign = response.url !== "" && new URL(response.url).origin !== new URL(baseUrl).origin;
    // An error page of somebody on the way names a time as well.
    const isAnswer = response.ok && !isForeign && "versions" in (parseObject(await response.text()) ?? {});
    const date = Date.parse(response.headers.get("date") ?? "");
    return isAnswer && !Number.isNaN(date) ? date : undefined;
  } catch {
    return undefined;
  }
}
