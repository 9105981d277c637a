"use client";

import { useState } from "react";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./encryption.module.css";

/** A recovery key with three ways to keep it. Printing prints the key and what it is, nothing else. */
export function KeyCard({ recoveryKey }: { recoveryKey: string }) {
  const [note, setNote] = useState("");

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(recoveryKey);
      setNote("Copied. Paste it into your password manager now.");
    } catch {
      setNote("The browser did not let Hearth copy. Select the key and copy it yourself, or download it.");
    }
  };
  const download = () => {
    const url = URL.createObjectURL(
      new Blob(
        [
          `Hearth recovery key for ${window.location.host}\n\n${recoveryKey}\n\nKeep this file where only you can open it.\n`,
        ],
        { type: "text/plain" },
      ),
    );
    const link = document.createElement("a");
    link.href = url;
    link.download = "hearth-recovery-key.txt";
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    setNote("Downloaded as hearth-recovery-key.txt. Move it to a place that only you can open.");
  };

  return (
    <div className={styles.keyCard}>
      <p className={styles.printHead}>Hearth recovery key</p>
      <code className={styles.key} aria-label="Recovery key" data-testid="recovery-key">
        {recoveryKey}
      </code>
      <p className={styles.printFoot}>
        Keep this page where only you find it. Nobody can give you this key again.
      </p>
      <div className={`${styles.ways} no-print`}>
        <Button onPress={() => void copy()}>
          <Icon name="copy" /> Copy
        </Button>
        <Button onPress={download}>
          <Icon name="download" /> Download
        </Button>
        <Button onPress={() => window.print()}>
          <Icon name="print" /> Print
        </Button>
      </div>
      <p className={`${styles.note} no-print`} role="status">
        {note}
      </p>
    </div>
  );
}
