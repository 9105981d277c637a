import { base64url, fromBase64url } from "@hearth/protocol";
import { z } from "zod";
import type { RequestOptions } from "../api.ts";
import { HttpFailure } from "../api.ts";
import { ROOT_KEY_BYTES } from "../storage/storage.ts";

type Request = <T>(
  method: "GET" | "PUT",
  path: string,
  body?: unknown,
  options?: RequestOptions,
) => Promise<T>;
type Who = { readonly userId: string; readonly deviceId: string };

const Half = z.object({ half: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

/** Where the homeserver keeps its half for one device: account data, which it gives to live tokens of that person alone. */
export function halfPath({ userId, deviceId }: Who): string {
  const type = encodeURIComponent(`org.hearth.unlock.${deviceId}`);
  return `/_matrix/client/v3/user/${encodeURIComponent(userId)}/account_data/${type}`;
}

/** @returns undefined when the server keeps none (any more) @throws HttpFailure when it did not answer, or refused */
export async function fetchHalf(request: Request, who: Who): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let answer: unknown;
  try {
    answer = await request<unknown>("GET", halfPath(who));
  } catch (error) {
    if (error instanceof HttpFailure && error.status === 404 && error.errcode === "M_NOT_FOUND")
      return undefined;
    throw error;
  }
  const parsed = Half.safeParse(answer);
  const half = parsed.success ? fromBase64url(parsed.data.half) : undefined;
  return half?.length === ROOT_KEY_BYTES ? half : undefined;
}

/** The server has it when this resolves: nothing may depend on it before. */
export async function keepHalf(request: Request, who: Who, half: Uint8Array): Promise<void> {
  await request("PUT", halfPath(who), { half: base64url(half) });
  const kept = await fetchHalf(request, who);
  if (!kept || kept.some((byte, i) => byte !== half[i]))
    throw new Error("the server did not keep the half of the key");
}

/** Account data can only be emptied. */
export async function dropHalf(request: Request, who: Who): Promise<void> {
  await request("PUT", halfPath(who), {});
}
