"use client";

import { createContext, use, type ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button, type ButtonKind } from "./Button.tsx";
import styles from "./Dialog.module.css";
import { Banner } from "./Banner.tsx";
import { Icon } from "./Icon.tsx";
import { Scroll } from "./Scroll.tsx";

/** What goes on behind a window while it is open, said below its title: set by the page that it covers. */
export const DialogNews = createContext<ReactNode>(null);

/** A window over the page. Escape and the cross shut it, unless that would lose something (`keep`). */
export function Dialog({
  title,
  open,
  onClose,
  children,
  alert = false,
  keep = false,
  size = "normal",
}: {
  title: string;
  open: boolean;
  onClose: () => void;
  children: ReactNode;
  alert?: boolean;
  keep?: boolean;
  size?: "normal" | "large";
}) {
  const news = use(DialogNews);
  return (
    <ModalOverlay
      className={styles.overlay ?? ""}
      isOpen={open}
      isDismissable={!keep && !alert}
      isKeyboardDismissDisabled={keep}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
    >
      <Modal className={`${styles.modal} ${size === "large" ? styles.large : ""}`}>
        <AriaDialog className={styles.dialog ?? ""} role={alert ? "alertdialog" : "dialog"}>
          <header className={styles.header}>
            <Heading slot="title" className={styles.title ?? ""}>
              {title}
            </Heading>
            {keep ? null : (
              <Button kind="quiet" label="Close" onPress={onClose}>
                <Icon name="close" />
              </Button>
            )}
          </header>
          {news}
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The text of a dialog, and below it what one can do. */
export function DialogBody({ children }: { children: ReactNode }) {
  return (
    <Scroll label="What this is about" className={styles.body}>
      {children}
    </Scroll>
  );
}
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

/** Asks once more before something that can't be taken back. */
export function ConfirmDialog({
  title,
  open,
  children,
  action,
  kind = "danger",
  busy,
  failure,
  onConfirm,
  onClose,
}: {
  title: string;
  open: boolean;
  children: ReactNode;
  action: string;
  kind?: ButtonKind;
  busy: boolean;
  failure?: string | undefined;
  onConfirm: () => void;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} open={open} onClose={onClose} alert>
      <DialogBody>
        {children}
        {failure ? <Banner tone="danger">{failure}</Banner> : null}
      </DialogBody>
      <DialogActions>
        <Button onPress={onClose}>Cancel</Button>
        <Button kind={kind} busy={busy} onPress={onConfirm}>
          {action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
