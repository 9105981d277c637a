// The built web client, held in memory: a rebuild under a running server can't mix two builds.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, relative, sep } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { contentSecurityPolicy, scriptHashes } from "./csp.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".jpg": "image/jpeg",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};
const compressible = new Set([
  ".css",
  ".html",
  ".js",
  ".json",
  ".map",
  ".mjs",
  ".svg",
  ".txt",
  ".wasm",
  ".webmanifest",
]);

const compressors = {
  // Quality 5 takes 0.3 s for the 8 MB of the crypto library; 11 would take half a minute for a sixth less.
  br: (body: Buffer) => promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  gzip: (body: Buffer) => promisify(gzip)(body),
};
type Encoding = keyof typeof compressors;

interface StaticFile {
  readonly body: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly policy: string;
  readonly cacheControl: string;
  readonly compressed: Map<Encoding, Promise<Buffer>> | undefined;
}

export interface StaticFiles {
  /** Answers a GET or HEAD for a path (decoded, without query); unknown paths get the 404 page. */
  serve(path: string, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** @param folder the static export; undefined serves nothing but 404 */
export function loadStaticFiles(folder: string | undefined): StaticFiles {
  const files = new Map<string, StaticFile>();
  if (folder !== undefined) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue;
      const full = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, full).split(sep).join("/")}`;
      files.set(path, loadFile(path, readFileSync(full)));
    }
  }
  const missing =
    files.get("/404.html") ??
    loadFile(
      "/404.html",
      Buffer.from("<!doctype html><title>Not found</title><p>There is no such page.</p>"),
    );

  return {
    async serve(path, request, response) {
      const found = find(files, path);
      const file = found ?? missing;
      response.statusCode = found && path !== "/404.html" ? 200 : 404;
      response.setHeader("content-type", file.type);
      response.setHeader("cache-control", found ? file.cacheControl : "no-store");
      response.setHeader("content-security-policy", file.policy);
      if (found && file.cacheControl !== "no-store") {
        response.setHeader("etag", file.etag);
        if (request.headers["if-none-match"] === file.etag) {
          response.statusCode = 304;
          response.end();
          return;
        }
      }
      const body = await encode(file, request, response);
      response.setHeader("content-length", body.length);
      response.end(request.method === "HEAD" ? undefined : body);
    },
  };
}

/** `/team` is `team.html` or `team/index.html`, as Next exports it. */
function find(files: ReadonlyMap<string, StaticFile>, path: string): StaticFile | undefined {
  const bare = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  return path === "/"
    ? files.get("/index.html")
    : (files.get(path) ?? files.get(`${bare}.html`) ?? files.get(`${bare}/index.html`));
}

function loadFile(path: string, body: Buffer): StaticFile {
  const extension = extname(path);
  const isPage = extension === ".html";
  return {
    body,
    type: types[extension] ?? "application/octet-stream",
    etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`,
    policy: contentSecurityPolicy(isPage ? scriptHashes(body.toString("utf8")) : []),
    cacheControl: isPage
      ? "no-store"
      : path.startsWith("/_next/static/")
        ? "public, max-age=31536000, immutable"
        : "no-cache",
    compressed: compressible.has(extension) && body.length > 1024 ? new Map() : undefined,
  };
}

async function encode(file: StaticFile, request: IncomingMessage, response: ServerResponse): Promise<Buffer> {
  if (!file.compressed) return file.body;
  response.setHeader("vary", "accept-encoding");
  const accepted = String(request.headers["accept-encoding"] ?? "");
  const encoding = (["br", "gzip"] as const).find((name) => new RegExp(`\\b${name}\\b`).test(accepted));
  if (!encoding) return file.body;
  let compressed = file.compressed.get(encoding);
  if (!compressed) {
    compressed = compressors[encoding](file.body);
    file.compressed.set(encoding, compressed);
  }
  response.setHeader("content-encoding", encoding);
  return compressed;
}
