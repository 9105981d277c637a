import styles from "./Team.module.css";

/** A code to be read aloud, digit by digit: by itself, three groups in a row. */
export function ReadCode({ code }: { code: string }) {
  return (
    <b className={styles.code} translate="no">
      {code.split(" ").map((group, i) => (
        <span key={i}>{group} </span>
      ))}
    </b>
  );
}
