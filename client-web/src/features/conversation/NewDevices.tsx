"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Link } from "../../ui/Link.tsx";
import { At } from "../../ui/Time.tsx";

type Notice = NonNullable<RoomView["newDevices"]>[number];

/** Somebody here has signed in on a device that was not there before: usual, and worth a look if they know nothing of it. */
export function NewDevices({ notice }: { notice: Notice }) {
  const me = useView("session")?.userId;
  const dismiss = useCommand("member.dismissDevices");
  const mine = notice.userId === me;
  const count = notice.signed + notice.unsigned;
  return (
    <Banner tone={notice.unsigned > 0 ? "warn" : "info"} flat live={false}>
      <span>
        <b>
          {mine ? "You have" : `${notice.name} has`} signed in on{" "}
          {count === 1 ? "a new device" : `${count} new devices`}
        </b>{" "}
        (<At at={notice.at} />
        ). {whatItGets(notice)}{" "}
        {mine ? (
          <>
            If that was not you, sign it out under <Link href="/devices/">Devices</Link> and change your
            password.
          </>
        ) : notice.unsigned > 0 ? (
          "If they know nothing of it, tell an admin."
        ) : null}
      </span>
      <Button
        size="small"
        busy={dismiss.busy}
        onPress={() => void dismiss.run({ userId: notice.userId })}
        name={`OK, I have read it: ${mine ? "your" : notice.name} new devices`}
      >
        OK
      </Button>
    </Banner>
  );
}

function whatItGets({ signed, unsigned }: Notice): string {
  if (unsigned === 0)
    return signed === 1 ? "It is signed and gets messages." : "They are signed and get messages.";
  if (signed === 0)
    return unsigned === 1 ? "It is not signed: it gets no keys." : "They are not signed: they get no keys.";
  return `${signed} of them ${signed === 1 ? "is signed and gets" : "are signed and get"} messages; ${unsigned} ${unsigned === 1 ? "is not signed and gets" : "are not signed and get"} no keys.`;
}
