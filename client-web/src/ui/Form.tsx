"use client";

import { useEffect, useRef, type ReactNode } from "react";
import { Form as AriaForm } from "react-aria-components";
import { Banner } from "./Banner.tsx";
import styles from "./Form.module.css";

export type Errors<Field extends string = string> = Partial<Record<Field, string>>;

/**
 * A form that loses nothing: after a failed attempt the focus goes to the first field in error, or to the
 * sentence of the server, which stands right above the button that was pressed.
 */
export function Form({
  onSubmit,
  errors,
  failure,
  children,
  actions,
  label,
}: {
  onSubmit: () => void;
  errors?: Errors | undefined;
  failure?: string | undefined;
  children: ReactNode;
  actions?: ReactNode;
  label?: string;
}) {
  const form = useRef<HTMLFormElement>(null);
  const sentence = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (errors && Object.values(errors).some((error) => error !== undefined))
      form.current
        ?.querySelector<HTMLElement>(
          "input[aria-invalid=true], textarea[aria-invalid=true], [data-invalid] [role=spinbutton]",
        )
        ?.focus();
  }, [errors]);
  useEffect(() => {
    if (failure) sentence.current?.focus();
  }, [failure]);

  return (
    <AriaForm
      ref={form}
      className={styles.form ?? ""}
      validationBehavior="aria"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      {...(label === undefined ? {} : { "aria-label": label })}
    >
      {children}
      {failure ? (
        <div ref={sentence} tabIndex={-1}>
          <Banner tone="danger">{failure}</Banner>
        </div>
      ) : null}
      {actions ? <div className={styles.actions}>{actions}</div> : null}
    </AriaForm>
  );
}

/** Fields that belong together, with their name. */
export function FieldSet({ title, children }: { title: string; children: ReactNode }) {
  return (
    <fieldset className={styles.set}>
      <legend className={styles.legend}>{title}</legend>
      {children}
    </fieldset>
  );
}

/** Fields side by side where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}
