import type { ReactNode } from "react";
import { Mark } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import styles from "./PublicFrame.module.css";

/** Around every page that one sees before being signed in. */
export function PublicFrame({ children }: { children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <header className={`${styles.top} no-print`}>
        <Link href="/" className={styles.brand}>
          <Mark size={30} />
          <span>Hearth</span>
        </Link>
        <Link href="/help/">Help</Link>
      </header>
      <main className={styles.main} id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

/** One task on a card. */
export function Card({
  title,
  lead,
  children,
  wide = false,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
  wide?: boolean;
}) {
  return (
    <div className={`${styles.card} ${wide ? styles.wide : ""}`}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {lead ? <p className={styles.lead}>{lead}</p> : null}
      </header>
      {children}
    </div>
  );
}
