import styles from "./Spinner.module.css";

/** A small turning ember. */
export function Spinner({ label, size = 16 }: { label?: string; size?: number }) {
  return (
    <span
      className={styles.spinner}
      style={{ width: size, height: size }}
      {...(label ? { role: "img", "aria-label": label } : { "aria-hidden": true })}
    />
  );
}
