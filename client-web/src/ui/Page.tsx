import { useId, type ReactNode } from "react";
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
  const heading = useId();
  return (
    // Takes the focus, so that a page without a single control can be scrolled by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- as said
    <section className={styles.scroll} aria-labelledby={heading} tabIndex={0}>
      <div className={`${styles.page} ${narrow ? styles.narrow : ""}`}>
        <header className={styles.header}>
          <div className={styles.words}>
            <h1 id={heading}>{title}</h1>
            {lead ? <p className={styles.lead}>{lead}</p> : null}
          </div>
          {actions ? <div className={styles.actions}>{actions}</div> : null}
        </header>
        {children}
      </div>
    </section>
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
