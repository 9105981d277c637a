"use client";

import { isolated } from "@hearth/protocol";
import type { RoomView } from "@hearth/client-core/contract.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Link } from "../../ui/Link.tsx";
import { At } from "../../ui/Time.tsx";

type Notice = NonNullable<RoomView["newDevices"]>[number];

/** Somebody here has signed in on a device that was not there before and that they have not signed. */
export function NewDevices({ notice }: { notice: Notice }) {
  const me = useView("session")?.userId;
  const dismiss = useCommand("member.dismissDevices");
  const mine = notice.userId === me;
  return (
    <Banner tone="warn" flat live={false}>
      <span>
        <b>
          {mine ? (
            "You have"
          ) : (
            <>
              <bdi>{notice.name}</bdi> has
            </>
          )}{" "}
          signed in on {notice.unsigned === 1 ? "a new device" : `${notice.unsigned} new devices`}
        </b>{" "}
        (<At at={notice.at} />
        ).{" "}
        {notice.unsigned === 1
          ? "It is not signed: it gets no keys."
          : "They are not signed: they get no keys."}{" "}
        {mine ? (
          <>
            If that was not you, sign it out under <Link href="/devices/">Devices</Link> and change your
            password.
          </>
        ) : (
          "If they know nothing of it, tell an admin."
        )}
      </span>
      <Button
        size="small"
        busy={dismiss.busy}
        onPress={() => void dismiss.run({ userId: notice.userId })}
        name={`OK, I have read it: ${mine ? "your" : isolated(notice.name)} new devices`}
      >
        OK
      </Button>
    </Banner>
  );
}
