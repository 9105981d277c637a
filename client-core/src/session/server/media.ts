import { HttpFailure, type Media } from "../api.ts";
import { parseObject, type Server } from "./http.ts";

const TIMEOUT_MS = 120_000;
/** `mxc://server/id` */
const ADDRESS = /^mxc:\/\/([\w.:-]{1,200})\/([\w-]{1,90})$/;

/** Encrypted files on the server. Their names and types stay empty: the server can read both. */
export function mediaOf({ fetch: doFetch, baseUrl, clock }: Server, stopped: AbortSignal): Media {
  const init = (method: string): RequestInit => ({
    method,
    credentials: "omit",
    referrerPolicy: "no-referrer",
    cache: "no-store",
    signal: AbortSignal.any([stopped, clock.timeout(TIMEOUT_MS)]),
  });
  const ask = async (path: string, options: RequestInit): Promise<Response> => {
    const answer = await doFetch(baseUrl + path, options).catch((error: unknown) => {
      if (stopped.aborted || error instanceof HttpFailure) throw error;
      throw new HttpFailure(0, "", "The server can't be reached.");
    });
    if (answer.ok) return answer;
    const { errcode = "", error = "", retry_after_ms } = parseObject(await answer.text()) ?? {};
    throw new HttpFailure(answer.status, errcode, error, retry_after_ms);
  };
  return {
    async upload(bytes) {
      const answer = await ask("/_matrix/media/v3/upload", {
        ...init("POST"),
        headers: { "Content-Type": "application/octet-stream" },
        body: bytes,
      });
      const { content_uri: url } = (parseObject(await answer.text()) ?? {}) as { content_uri?: unknown };
      if (typeof url !== "string" || !ADDRESS.test(url))
        throw new HttpFailure(answer.status, "", "The server did not say where it put the file.");
      return url;
    },
    async download(url, mostBytes) {
      const [, server, id] = ADDRESS.exec(url) ?? [];
      if (server === undefined || id === undefined)
        throw new HttpFailure(400, "", "This is no file's address.");
      const answer = await ask(`/_matrix/client/v1/media/download/${server}/${id}`, init("GET"));
      return readAtMost(answer, mostBytes);
    },
  };
}

/** What the server says of a length is not believed: reading stops where it was to end. */
async function readAtMost(answer: Response, mostBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = answer.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  if (!reader) return undefined;
  const bytes = new Uint8Array(mostBytes);
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return bytes.slice(0, length);
    if (length + value.length > mostBytes) {
      await reader.cancel();
      return undefined;
    }
    bytes.set(value, length);
    length += value.length;
  }
}
