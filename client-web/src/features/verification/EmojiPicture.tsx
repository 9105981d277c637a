"use client";

import { useEffect, useState } from "react";
import styles from "./verification.module.css";

type Pictures = Readonly<Record<string, string>>;

/** All of them at once: which ones are compared is nothing that the server should see asked for. */
const load = (): Promise<Pictures> => import("./emojiPictures.json").then((file) => file.default);

/** One of the emoji to compare, the same drawing on every device. A device's own font may have another one, or none. */
export function EmojiPicture({ symbol }: { symbol: string }) {
  const [pictures, setPictures] = useState<Pictures>();
  useEffect(() => {
    let gone = false;
    load().then(
      (loaded) => gone || setPictures(loaded),
      () => gone || setPictures({}),
    );
    return () => {
      gone = true;
    };
  }, []);
  const picture = pictures?.[bare(symbol)];
  return (
    <span className={styles.symbol} aria-hidden="true">
      {picture === undefined ? (
        pictures && symbol
      ) : (
        <img src={`data:image/svg+xml,${encodeURIComponent(picture)}`} alt="" width={40} height={40} />
      )}
    </span>
  );
}

/** Without the selector that asks for a coloured glyph. */
function bare(symbol: string): string {
  return symbol.replaceAll("\uFE0F", "");
}
