"use client";

import { isolated } from "@hearth/protocol";
import type { RoomView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { Banner } from "../../ui/Banner.tsx";
import { FoldButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { Scroll } from "../../ui/Scroll.tsx";
import { NewDevices } from "./NewDevices.tsx";
import styles from "./Room.module.css";

/** Who does not get what is said here: one line over the chat, however many they are, which opens to what can be done. */
export function Notices({ room }: { room: RoomView }) {
  const { withheld, newDevices = [] } = room;
  const [open, setOpen] = useState(false);
  const heads = [
    people(withheld, "gets no messages", "get no messages"),
    people(newDevices, "has a new device that isn’t signed", "have new devices that aren’t signed"),
  ].filter((head) => head !== undefined);
  return (
    <div className={styles.notes}>
      <div role="status">
        {heads.length === 0 ? null : (
          <FoldButton className={styles.notesLine} open={open} onPress={() => setOpen(!open)}>
            <Icon name="warning" size={18} />
            <span className={styles.foldedWords}>{heads.join("; ")}</span>
            <Icon name="down" size={18} />
          </FoldButton>
        )}
      </div>
      {open && heads.length > 0 ? (
        <Scroll className={styles.notesAll} label="Who gets no messages, and why">
          {withheld.map((person) => (
            <Banner key={person.userId} tone="warn" flat>
              <span>
                <b>
                  <bdi>{person.name}</bdi> gets no messages.
                </b>{" "}
                {person.reason} <Link href="/team/">Look at it on the Team page</Link>
              </span>
            </Banner>
          ))}
          {newDevices.map((notice) => (
            <NewDevices key={notice.userId} notice={notice} />
          ))}
        </Scroll>
      ) : null}
    </div>
  );
}

/** One by name, several by their number: a line has no room for more. */
function people(them: readonly { name: string }[], does: string, doMany: string): string | undefined {
  const [first] = them;
  if (!first) return undefined;
  return them.length === 1 ? `${isolated(first.name)} ${does}` : `${them.length} people ${doMany}`;
}
