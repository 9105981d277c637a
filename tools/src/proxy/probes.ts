// The table that a server in front of Synapse is held against, whatever program it is: every row of the allow-list as a
// request that must pass, and next to it each kind of neighbour that must not. No probe carries a token, so none can
// change anything, wherever it is sent. What must pass is read from the data and not asked of `allowing`: the server's
// own reading of the list is what is tested.
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { wholly } from "./allowListFile.ts";
import type { AllowList, AllowedRequest } from "./allowListFile.ts";
import { notOffered } from "./proxy.ts";

export const PROBE_KINDS = [
  "row",
  "other method",
  "deeper path",
  "trailing slash",
  "double slash",
  "encoded slash",
  "dot segments",
  "case",
] as const;

export interface Probe {
  /** A row of the list, which must pass, or how it differs from one. */
  readonly kind: (typeof PROBE_KINDS)[number];
  readonly method: string;
  /** As it goes over the wire. */
  readonly path: string;
}

/** Every method that a browser could send; CONNECT takes no path. */
const EVERY_METHOD = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "TRACE"];

/** All probes for a list. Parameters stand with their examples, in both spellings that a browser may choose. */
export function probesFor(list: AllowList): readonly Probe[] {
  const encoded = list.requests.flatMap((row) => spellings(list, row, encodeURIComponent));
  const bare = list.requests.flatMap((row) => spellings(list, row, (value) => value.replaceAll("/", "%2F")));
  const passing = new Map([...encoded, ...bare].map(({ path, methods }) => [path, methods]));
  const rows = [...passing].flatMap(([path, methods]) =>
    methods.map((method): Probe => ({ kind: "row", method, path })),
  );
  const near = encoded.flatMap((row) => [
    ...EVERY_METHOD.map((method): Probe => ({ kind: "other method", method, path: row.path })),
    ...row.methods.flatMap((method) =>
      neighbours(row).map(([kind, path]): Probe => ({ kind, method, path })),
    ),
  ]);
  return [...rows, ...near.filter(({ method, path }) => !passing.get(path)?.some((each) => each === method))];
}

interface Spelled extends AllowedRequest {
  /** The last of its segments that is no parameter. */
  readonly literal: string;
}

/** A row's path with its parameters filled in, and again with those left empty that may be. */
function spellings(
  { parameters }: AllowList,
  row: AllowedRequest,
  encode: (value: string) => string,
): Spelled[] {
  const literal = row.path.split("/").findLast((part) => part !== "" && !part.startsWith("{")) ?? "";
  const fill = (empty: boolean) =>
    row.path.replace(/\{(\w+)\}/g, (_, name: string) => {
      const { pattern = "", example = "" } = parameters.get(name) ?? {};
      return empty && wholly(pattern).test("") ? "" : encode(example);
    });
  return [...new Set([fill(false), fill(true)])].map((path) => ({ methods: row.methods, path, literal }));
}

function neighbours({ path, literal }: Spelled): [Probe["kind"], string][] {
  const last = path.lastIndexOf("/");
  const instead = (text: string) => `${path.slice(0, last)}${text}${path.slice(last + 1)}`;
  const bare = path.endsWith("/") ? path.slice(0, -1) : path;
  const swapped = literal.replace(/[a-z]/, (letter) => letter.toUpperCase());
  return [
    ["deeper path", `${bare}/~`],
    ["deeper path", `${bare}/~/~`],
    ["trailing slash", `${path}/`],
    ["double slash", `/${path}`],
    ["double slash", path.replace("/_matrix/", "/_matrix//")],
    ["double slash", instead("//")],
    ["encoded slash", instead("%2F")],
    ["encoded slash", instead("%2f")],
    ["encoded slash", path.replace("/_matrix/", "/_matrix%2F")],
    ["dot segments", instead("/./")],
    ["dot segments", instead("/~/../")],
    ["dot segments", instead("/~/%2e%2E/")],
    ["dot segments", `${bare}/.`],
    ["dot segments", `${bare}/~/..`],
    ["case", path.replace("/_matrix/", "/_MATRIX/")],
    ["case", path.replace(`/${literal}`, `/${swapped}`)],
  ];
}

export interface ProbeAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a probe, its path as it stands: `fetch` would tidy it.
 * @param origin `http://…` or `https://…`, without a path
 */
export function sendProbe(origin: string, { method, path }: Probe): Promise<ProbeAnswer> {
  const { protocol, hostname, port } = new URL(origin);
  const ask = protocol === "https:" ? httpsRequest : httpRequest;
  const { promise, resolve, reject } = Promise.withResolvers<ProbeAnswer>();
  const body = method === "PUT" || method === "POST" ? "{}" : "";
  const headers = { "content-type": "application/octet-stream", "content-length": body.length };
  const request = ask({ hostname, port, method, path, headers }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("error", reject);
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
    );
  });
  request.on("error", reject);
  request.end(body);
  return promise;
}

/**
 * Whether a probe was refused before it came to Synapse: with our code and sentence, or as no request at all, by a web
 * server that speaks no JSON. Synapse's own refusals (no token, say) are answers of what lies behind.
 */
export function isRefusedInFront({ method }: Probe, { status, text }: ProbeAnswer): boolean {
  if (method === "HEAD") return status === notOffered.status;
  if (status === notOffered.status) return isOurs(text);
  return (status === 400 || status === 405) && !text.trimStart().startsWith("{");
}

function isOurs(text: string): boolean {
  try {
    const { errcode, error } = JSON.parse(text) as Record<string, unknown>;
    return errcode === notOffered.errcode && error === notOffered.error;
  } catch {
    return false;
  }
}

/** What became of the probes of one kind that went otherwise than they must, a line each; empty when all is well. */
export async function wrongAnswers(
  origin: string,
  list: AllowList,
  kind: Probe["kind"],
): Promise<readonly string[]> {
  const waiting = probesFor(list).filter((probe) => probe.kind === kind);
  const wrong: string[] = [];
  const work = async () => {
    for (let probe = waiting.pop(); probe; probe = waiting.pop()) {
      const answer = await sendProbe(origin, probe);
      const isRefused = isRefusedInFront(probe, answer);
      if (kind === "row" ? !isRefused && answer.status < 500 : isRefused) continue;
      wrong.push(`${probe.method} ${probe.path}: ${answer.status} ${answer.text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return wrong;
}

/** So few that a busy server still answers each in time. */
const AT_ONCE = 8;
