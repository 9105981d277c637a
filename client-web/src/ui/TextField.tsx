"use client";

import { useState, type ReactNode, type Ref } from "react";
import { FieldError, Input, Label, Text, TextArea, TextField as AriaTextField } from "react-aria-components";
import { Button } from "./Button.tsx";
import styles from "./fields.module.css";
import { Icon } from "./Icon.tsx";

export type TextFieldProps = {
  label: string;
  labelHidden?: boolean;
  value: string;
  onChange: (value: string) => void;
  /** What is wrong with it, said beside it. */
  error?: string | undefined;
  /** What to put there, in a sentence. */
  hint?: ReactNode;
  required?: boolean;
  readOnly?: boolean;
  disabled?: boolean;
  type?: "text" | "password" | "email" | "tel";
  /** Anything but `off` leaves the value with the browser, which no wipe reaches: only what signs somebody in. */
  autoComplete?: "off" | "username" | "current-password" | "new-password";
  autoFocus?: boolean;
  /** More than one: a text area of that many lines. */
  lines?: number;
  mono?: boolean;
  maxLength?: number;
  spellCheck?: boolean;
  autoCapitalize?: "none" | "sentences";
  inputRef?: Ref<HTMLInputElement>;
};

/** A labelled line or area of text, with its hint and its error where a reader's eye and screen reader find them. */
export function TextField(props: TextFieldProps) {
  return (
    <Shell {...props}>
      {props.lines && props.lines > 1 ? (
        <TextArea className={styles.input ?? ""} rows={props.lines} dir={isFree(props) ? "auto" : "ltr"} />
      ) : (
        <Input
          className={`${styles.input} ${props.mono ? styles.mono : ""}`}
          dir={isFree(props) ? "auto" : "ltr"}
          {...(props.inputRef ? { ref: props.inputRef } : {})}
        />
      )}
    </Shell>
  );
}

/** Words, in whichever direction they run. Links, user names, numbers and codes run from left to right. */
function isFree({ type = "text", mono = false, autoCapitalize }: TextFieldProps): boolean {
  return type === "text" && !mono && autoCapitalize !== "none";
}

/** A password, with a way to look at what one typed. */
export function PasswordField(props: Omit<TextFieldProps, "type" | "lines">) {
  const [shown, setShown] = useState(false);
  return (
    <Shell {...props} type={shown ? "text" : "password"} spellCheck={false} autoCapitalize="none">
      <div className={styles.withButton}>
        <Input className={`${styles.input} ${props.mono ? styles.mono : ""}`} dir="ltr" />
        <Button
          kind="quiet"
          label={shown ? "Hide what is typed" : "Show what is typed"}
          onPress={() => setShown(!shown)}
        >
          <Icon name={shown ? "eyeOff" : "eye"} />
        </Button>
      </div>
    </Shell>
  );
}

function Shell({
  label,
  labelHidden = false,
  value,
  onChange,
  error,
  hint,
  required = false,
  readOnly = false,
  disabled = false,
  type = "text",
  autoComplete = "off",
  autoFocus = false,
  maxLength,
  spellCheck,
  autoCapitalize,
  children,
}: TextFieldProps & { children: ReactNode }) {
  return (
    <AriaTextField
      className={styles.field ?? ""}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      isRequired={required}
      isReadOnly={readOnly}
      isDisabled={disabled}
      type={type}
      autoComplete={autoComplete}
      autoFocus={autoFocus}
      validationBehavior="aria"
      {...(maxLength === undefined ? {} : { maxLength })}
      {...(spellCheck === undefined ? {} : { spellCheck: spellCheck ? "true" : "false" })}
      {...(autoCapitalize === undefined ? {} : { autoCapitalize })}
    >
      <Label className={labelHidden ? "visually-hidden" : (styles.label ?? "")}>
        {label}
        {required ? <span className={styles.required}> (required)</span> : null}
      </Label>
      {children}
      {hint ? (
        <Text slot="description" className={styles.hint}>
          {hint}
        </Text>
      ) : null}
      <FieldError className={styles.error ?? ""}>{error}</FieldError>
    </AriaTextField>
  );
}
