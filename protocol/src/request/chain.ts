import { sha256 } from "@noble/hashes/sha2.js";
import { base64url } from "../base64url.ts";
import { canonicalJson } from "./canonical.ts";

/** The chain before any entry: 32 zero bytes. */
export const CHAIN_START = base64url(new Uint8Array(32));

/**
 * The hash chain after one more folded entry (SPEC [L9]). Synchronous, because folding is; WebCrypto's digest isn't.
 * @param content as its schema gives it, without what a server or a stranger added
 */
export function nextChain(chain: string, entryId: string, content: unknown): string {
  return base64url(sha256(new TextEncoder().encode(`${chain}\n${entryId}\n${canonicalJson(content)}`)));
}
