import { sha256 } from "@noble/hashes/sha2.js";
import { base64url } from "../base64.ts";
import { KEY_BLOCK_FIELD } from "../keys/block.ts";
import { canonicalJson } from "./canonical.ts";

const RELATION = "m.relates_to";

/** The chain before any entry: 32 zero bytes. */
export const CHAIN_START = base64url(new Uint8Array(32));

/**
 * The hash chain after one more folded entry (SPEC [L9]). Synchronous, because folding is; WebCrypto's digest isn't.
 * @param content as it stood in the ciphertext, fields that nobody knows included: so all versions hash alike. Without
 *   the block of its key, which each try of a send names anew, and without the relation, which the crypto library copies
 *   in from the clear part, where a host can write.
 */
export function nextChain(chain: string, entryId: string, content: unknown): string {
  const { [KEY_BLOCK_FIELD]: _, [RELATION]: __, ...hashed } = content as Record<string, unknown>;
  return base64url(sha256(new TextEncoder().encode(`${chain}\n${entryId}\n${canonicalJson(hashed)}`)));
}
