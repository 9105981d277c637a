"use client";

import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Link as AriaLink,
  ToggleButton as AriaToggleButton,
} from "react-aria-components";
import styles from "./Button.module.css";
import { Spinner } from "./Spinner.tsx";

export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

type Look = {
  children: ReactNode;
  kind?: ButtonKind;
  /** Only an icon is seen; `label` is what it is called. */
  label?: string | undefined;
  /** What it is called where its word alone would not say it. Must begin with that word. */
  name?: string | undefined;
  size?: "normal" | "large" | "small";
  wide?: boolean;
};

function look(kind: ButtonKind, size: string, wide: boolean, iconOnly: boolean): string {
  return [
    styles.button,
    styles[kind],
    size === "normal" ? "" : styles[size],
    wide ? styles.wide : "",
    iconOnly ? styles.iconOnly : "",
  ].join(" ");
}

/** A button. While `busy` it keeps the focus, does nothing, and says that it works. */
export function Button({
  children,
  kind = "secondary",
  label,
  name,
  size = "normal",
  wide = false,
  busy = false,
  disabled = false,
  type = "button",
  onPress,
  slot,
  autoFocus = false,
}: Look & {
  busy?: boolean;
  disabled?: boolean;
  type?: "button" | "submit";
  onPress?: () => void;
  /** "close" inside a dialog shuts it. */
  slot?: string;
  autoFocus?: boolean;
}) {
  const called = label ?? name;
  return (
    <AriaButton
      className={`${look(kind, size, wide, label !== undefined)} ${busy ? styles.busy : ""}`}
      // React Aria's own pending state announces the button by an id that is gone when a dialog closes with it.
      type={busy ? "button" : type}
      isDisabled={disabled}
      autoFocus={autoFocus}
      {...(called === undefined ? {} : { "aria-label": called })}
      {...(slot === undefined ? {} : { slot })}
      {...(onPress === undefined || busy ? {} : { onPress })}
    >
      {busy ? <Spinner label="Working" /> : null}
      {children}
    </AriaButton>
  );
}

/** A link that looks like a button. */
export function LinkButton({
  children,
  kind = "secondary",
  label,
  name,
  size = "normal",
  wide = false,
  href,
  away = false,
  onPress,
}: Look & {
  href: string;
  /** To somebody else's page or program: in a window of its own, which learns nothing of where it was opened. */
  away?: boolean;
  onPress?: () => void;
}) {
  const called = label ?? name;
  return (
    <AriaLink
      className={look(kind, size, wide, label !== undefined)}
      href={href}
      {...(away ? { target: "_blank", rel: "noopener noreferrer" } : {})}
      {...(onPress === undefined ? {} : { onPress })}
      {...(called === undefined ? {} : { "aria-label": called })}
    >
      {children}
    </AriaLink>
  );
}

/** Shows what stands below it, and folds it away again. */
export function FoldButton({
  children,
  open,
  onPress,
  className,
  label,
}: {
  children: ReactNode;
  open: boolean;
  onPress: () => void;
  className?: string | undefined;
  /** What it is called where its words don't say what is below. */
  label?: string;
}) {
  return (
    <AriaButton
      className={`${styles.toggle} ${className ?? ""}`}
      aria-expanded={open}
      onPress={onPress}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      {children}
    </AriaButton>
  );
}

/** One of a few states, shown as pressed or not. */
export function ToggleButton({
  children,
  pressed,
  onPress,
  disabled = false,
  className,
}: {
  children: ReactNode;
  pressed: boolean;
  onPress: () => void;
  disabled?: boolean;
  className?: string | undefined;
}) {
  return (
    <AriaToggleButton
      className={`${styles.toggle} ${className ?? ""}`}
      isSelected={pressed}
      isDisabled={disabled}
      onChange={onPress}
    >
      {children}
    </AriaToggleButton>
  );
}
