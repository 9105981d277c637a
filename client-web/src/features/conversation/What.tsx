"use client";

import { useEffect, useRef, useState } from "react";
import { FoldButton } from "../../ui/Button.tsx";
import { firstLine } from "./title.ts";
import styles from "./Room.module.css";

/** What happened, once for the whole request: its first line as the heading, the rest below, cut where it would take the room. */
export function What({ description }: { description: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [all, setAll] = useState(false);
  const [cut, setCut] = useState(false);
  const first = firstLine(description);
  const rest = description.trim().slice(first.length).trim();

  useEffect(() => {
    const words = [...(box.current?.children ?? [])];
    const sizes = new ResizeObserver(() =>
      setCut(words.some((each) => each.scrollHeight > each.clientHeight + 1)),
    );
    for (const each of words) sizes.observe(each);
    return () => sizes.disconnect();
  }, [description]);

  return (
    <>
      <div ref={box} className={styles.what} data-all={all || undefined}>
        <h1 className={styles.title} dir="auto">
          {first}
        </h1>
        {rest === "" ? null : (
          <p className={styles.rest} dir="auto">
            {rest}
          </p>
        )}
      </div>
      {cut || all ? (
        <FoldButton className={styles.more} open={all} onPress={() => setAll(!all)}>
          {all ? "Show less" : "Show all"}
        </FoldButton>
      ) : null}
    </>
  );
}
