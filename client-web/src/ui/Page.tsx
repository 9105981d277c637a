import type { ReactNode } from "react";
import styles from "./Page.module.css";

/** A page of one column: its heading, what one can do at once, and the rest below. */
export function Page({
  title,
  lead,
  actions,
  children,
  narrow = false,
}: {
  title: ReactNode;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
  narrow?: boolean;
}) {
  return (
    <div className={styles.scroll}>
      <div className={`${styles.page} ${narrow ? styles.narrow : ""}`}>
        <header className={styles.header}>
          <div className={styles.words}>
            <h1>{title}</h1>
            {lead ? <p className={styles.lead}>{lead}</p> : null}
          </div>
          {actions ? <div className={styles.actions}>{actions}</div> : null}
        </header>
        {children}
      </div>
    </div>
  );
}

/** A part of a page, on a card. */
export function Section({
  title,
  children,
  lead,
}: {
  title?: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className={styles.section}>
      {title ? <h2>{title}</h2> : null}
      {lead ? <p className={styles.lead}>{lead}</p> : null}
      {children}
    </section>
  );
}

/** Nothing here yet: what would be here, and how to begin. */
export function Empty({
  title,
  children,
  actions,
}: {
  title: string;
  children?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children}
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </div>
  );
}
