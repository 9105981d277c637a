"use client";

import type { TimelineItem } from "@hearth/client-core/contract.ts";
import { useRef } from "react";
import { Button as AriaButton, TextArea, TextField } from "react-aria-components";
import { useDraft } from "../../client/drafts.ts";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Icon } from "../../ui/Icon.tsx";
import styles from "./Composer.module.css";

/** Enter sends, Shift+Enter makes a new line. What is typed stays until the client has taken it. */
export function Composer({
  roomId,
  replyTo,
  onReplyDone,
  onWrite,
}: {
  roomId: string;
  replyTo: TimelineItem | undefined;
  onReplyDone: () => void;
  onWrite: () => void;
}) {
  const [text = "", setText] = useDraft<string>(`chat:${roomId}`);
  const send = useCommand("chat.send");
  const area = useRef<HTMLTextAreaElement>(null);

  const submit = async () => {
    const body = text.trim();
    if (body === "") return;
    setText(undefined);
    const outcome = await send.run({ roomId, body, ...(replyTo ? { replyTo: replyTo.id } : {}) });
    if (outcome.ok) onReplyDone();
    // Back it goes, in front of what was typed since.
    else setText([body, area.current?.value ?? ""].filter(Boolean).join("\n"));
    area.current?.focus();
  };

  return (
    <form
      className={styles.composer}
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {send.failure ? <Banner tone="danger">{send.failure.message}</Banner> : null}
      {replyTo?.body.kind === "message" ? (
        <div className={styles.reply}>
          <span>
            Replying to{" "}
            <b>
              <bdi>{replyTo.mine ? "yourself" : replyTo.senderName}</bdi>
            </b>
            : <bdi>{replyTo.body.text}</bdi>
          </span>
          <Button kind="quiet" label="Don’t reply to it" onPress={onReplyDone}>
            <Icon name="close" size={16} />
          </Button>
        </div>
      ) : null}
      <div className={styles.row}>
        <TextField
          aria-label="Message"
          autoComplete="off"
          value={text}
          onChange={(value) => setText(value === "" ? undefined : value)}
          className={styles.field ?? ""}
        >
          <TextArea
            ref={area}
            dir="auto"
            className={styles.area ?? ""}
            rows={1}
            placeholder="Encrypted message"
            onFocus={onWrite}
            onKeyDown={(event) => {
              if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              void submit();
            }}
          />
        </TextField>
        <AriaButton
          type="submit"
          className={styles.send ?? ""}
          aria-label="Send"
          isDisabled={text.trim() === ""}
        >
          <Icon name="send" size={22} />
        </AriaButton>
      </div>
    </form>
  );
}
