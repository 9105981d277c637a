import { LinkButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./Room.module.css";

/** On a phone: back to the list. */
export function Back() {
  return (
    <span className={styles.back}>
      <LinkButton kind="quiet" label="Back to the list" href="/requests/">
        <Icon name="back" size={24} />
      </LinkButton>
    </span>
  );
}
