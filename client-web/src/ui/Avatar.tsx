import { withoutIsolates } from "@hearth/protocol";
import styles from "./Avatar.module.css";

/** The first letters of a name on the colour that its owner chose. */
export function Avatar({
  name,
  colour,
  size = 36,
}: {
  name: string;
  colour?: string | undefined;
  size?: number;
}) {
  return (
    <span
      className={styles.avatar}
      style={{
        width: size,
        height: size,
        fontSize: size * 0.4,
        ...(colour ? { "--own": colour } : {}),
      }}
      aria-hidden="true"
    >
      {initials(name)}
    </span>
  );
}

function initials(name: string): string {
  const words = withoutIsolates(name)
    .replace(/^@/, "")
    .split(/\s+/)
    // A handle that tells two people apart is no part of the name.
    .filter((word) => word !== "" && !word.startsWith("("));
  const first = [...(words[0] ?? "?")][0] ?? "?";
  const last = words.length > 1 ? ([...(words.at(-1) ?? "")][0] ?? "") : "";
  return (first + last).toUpperCase();
}
