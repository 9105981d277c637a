"use client";

import { useState } from "react";
import { FoldButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Message } from "./Message.tsx";
import { comingsWords, type Comings as ComingsLine } from "./runs.ts";
import styles from "./Timeline.module.css";

/** Several comings and goings as one line, which opens to all of them. */
export function Comings({ of }: { of: ComingsLine }) {
  const [open, setOpen] = useState(false);
  return (
    <div className={styles.comings}>
      <FoldButton className={styles.comingsLine} open={open} onPress={() => setOpen(!open)}>
        {comingsWords(of)}
        <Icon name="down" size={14} />
      </FoldButton>
      {open
        ? of.comings.map((item) => <Message key={item.id} item={item} continues={false} onReply={() => {}} />)
        : null}
    </div>
  );
}
