import { base64, fromBase64 } from "@hearth/protocol";
import type { MemoryDump } from "../../../client-core/src/session/storage/memory.ts";

/**
 * What a browser stores, as one version wrote it: databases and files as they lie, and beside them, in the clear, the key
 * material that a test needs to open them. Made once by `make.ts`; what is written here nobody ever edits.
 */
export type StoredBrowser = {
  readonly note: string;
  /** Which version made it; see `VERSION` in protocol. */
  readonly madeBy: string;
  /** The instant at which it was made, as its people had it: milliseconds since 1970. */
  readonly now: number;
  readonly deviceId: string;
  readonly browser: MemoryDump;
  /** The small files of a place under an app lock, and its passphrase. */
  readonly locked: { readonly passphrase: string; readonly files: MemoryDump["files"] };
  /** Those of a place whose root key is divided, with both halves. */
  readonly divided: {
    readonly half: Uint8Array<ArrayBuffer>;
    readonly ours: Uint8Array<ArrayBuffer>;
    readonly files: MemoryDump["files"];
  };
  /** What lies in the browser as text, by the name of its definition. */
  readonly texts: Readonly<Record<string, string>>;
  /** Every encrypted record in the clear: what `browser` must open to. */
  readonly records: readonly { readonly collection: string; readonly key: string; readonly value: unknown }[];
  /** A room key that is in the crypto store. */
  readonly roomKey: { readonly roomId: string; readonly sessionId: string };
};

const BYTES = "$bytes";
const BUFFER = "$buffer";

/** JSON with bytes in it, and the two kinds of them kept apart as IndexedDB does. */
export function toText(value: unknown): string {
  return `${JSON.stringify(
    value,
    (_, each: unknown) => {
      if (each instanceof Uint8Array) return { [BYTES]: base64(each) };
      if (each instanceof ArrayBuffer) return { [BUFFER]: base64(new Uint8Array(each)) };
      if (typeof each === "object" && each !== null && ArrayBuffer.isView(each))
        throw new TypeError("neither bytes nor a buffer");
      return each;
    },
    1,
  )}\n`;
}

/** @throws for what `toText` would not have written */
export function fromText(text: string): StoredBrowser {
  return JSON.parse(text, (_, each: unknown) => {
    if (typeof each !== "object" || each === null) return each;
    const { [BYTES]: bytes, [BUFFER]: buffer } = each as Record<string, unknown>;
    if (typeof bytes === "string") return decoded(bytes);
    if (typeof buffer === "string") return decoded(buffer).buffer;
    return each;
  }) as StoredBrowser;
}

function decoded(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64(text);
  if (!bytes) throw new TypeError("not base64");
  return bytes;
}
