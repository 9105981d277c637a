// The Content-Security-Policy of a page. Next's static export has inline scripts in each page; they are allowed by
// their hashes, so that no other inline script runs.
import { createHash } from "node:crypto";

const inlineScript = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/gi;

/** Hashes of the inline scripts of a page, as CSP writes them. */
export function scriptHashes(html: string): string[] {
  const hashes = new Set<string>();
  for (const [, script = ""] of html.matchAll(inlineScript))
    hashes.add(`'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  return [...hashes];
}

/**
 * The policy for one answer. Styles may be inline: React Aria sets positions in style attributes, and a style can't
 * run anything or, with `connect-src` and `img-src` as they are, send anything out.
 */
export function contentSecurityPolicy(hashes: readonly string[] = []): string {
  return [
    "default-src 'none'",
    ["script-src 'self' 'wasm-unsafe-eval'", ...hashes].join(" "),
    "style-src 'self' 'unsafe-inline'",
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}
