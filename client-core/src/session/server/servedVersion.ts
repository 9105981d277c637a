import { VERSION_PATH } from "@hearth/protocol";
import { HttpFailure } from "../api.ts";
import { requestJson, type Server } from "./http.ts";

/**
 * Which version our origin serves: its own words, so nothing but a reason to reload. Asked without a token.
 * @returns undefined for an origin that serves no web client, or does not say
 * @throws HttpFailure for every other answer, and when there is none
 */
export async function servedVersion(server: Server, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { version } = await requestJson<{ version?: unknown }>(server, "GET", VERSION_PATH, undefined, {
      signal,
    });
    return typeof version === "string" ? version : undefined;
  } catch (error) {
    if (error instanceof HttpFailure && error.status === 404) return undefined;
    throw error;
  }
}
