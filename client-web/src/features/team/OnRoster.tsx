"use client";

import type { MemberRow } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { say } from "../../ui/Toasts.tsx";
import { ReadCode } from "./ReadCode.tsx";

/** Somebody whom no admin has confirmed by these keys, and what to do about it. */
export function NotOnRoster({ member }: { member: MemberRow }) {
  const isAdmin = useView("session")?.isAdmin ?? false;
  const compare = useView("team")?.list?.compare ?? false;
  if (member.roster === "listed" || member.former) return null;
  // This device follows no list yet: that says nothing about the others.
  if (compare && !member.isMe) return null;
  if (member.isMe)
    return (
      <Banner tone="warn" live={false}>
        <span>
          <b>Waiting for an admin to confirm you.</b> Until then you can’t read what others write. If it takes
          long, call an admin and read them this code: <Code of={member} />
        </span>
      </Banner>
    );
  return isAdmin ? <Confirm member={member} /> : <Waiting member={member} />;
}

/** What each says of somebody, in words for the one who is to sign it. */
const SAYS = {
  admin: "is an admin, who gives access to old messages and wipes devices",
  exporter: "may export data, and keeps old messages for it",
  member: "is a member like others, no admin and no exporter",
  ended: "is not in the team any more",
} as const;

/** A role or a removal that no admin has signed: typed as a command, or made up by the server. */
export function Unsigned({ member }: { member: MemberRow }) {
  const isAdmin = useView("session")?.isAdmin ?? false;
  const [asking, setAsking] = useState(false);
  const sign = useCommand("roster.sign");
  const { unsigned: says } = member;
  if (says === undefined || !isAdmin) return null;
  return (
    <>
      <Banner tone="warn" live={false}>
        <span>
          <b>Not signed yet:</b> the server says that <bdi>{member.name}</bdi> {SAYS[says]}. Either an admin
          typed that in the admin room, or somebody got into the server. For keys it counts only once an admin
          has signed it.
        </span>
        <Button size="small" onPress={() => setAsking(true)}>
          Look at it
          <span className="visually-hidden">
            : <bdi>{member.name}</bdi>
          </span>
        </Button>
      </Banner>
      <ConfirmDialog
        title={`Sign this about ${member.name}?`}
        open={asking}
        action="Sign it"
        kind="primary"
        busy={sign.busy}
        failure={sign.failure?.message}
        onConfirm={() =>
          void sign.run({ userId: member.userId, says }).then((outcome) => {
            if (!outcome.ok) return;
            say(`Signed: ${member.name} ${SAYS[says]}.`);
            setAsking(false);
          })
        }
        onClose={() => setAsking(false)}
      >
        <p>
          You sign that <bdi>{member.name}</bdi> {SAYS[says]}.
        </p>
        <p>
          Do it if you typed the command yourself, or know from the admin who did. If nobody did, cancel and
          tell the other admins: somebody may have got into the server.
        </p>
      </ConfirmDialog>
    </>
  );
}

function Waiting({ member }: { member: MemberRow }) {
  return (
    <Banner tone="info" live={false}>
      <span>
        {member.roster === "other_keys"
          ? `${member.name}’s keys are not those that an admin confirmed. They can’t read what is written until an admin has spoken with them.`
          : `No admin has confirmed ${member.name} yet. They can’t read what is written until then.`}
      </span>
    </Banner>
  );
}

function Confirm({ member }: { member: MemberRow }) {
  const [asking, setAsking] = useState(false);
  const accept = useCommand("member.acceptIdentity");
  const { code } = member;
  return (
    <>
      <Banner tone="warn" live={false}>
        <span>
          {member.roster === "other_keys" ? (
            <>
              <b>
                <bdi>{member.name}</bdi> has other keys than an admin confirmed.
              </b>{" "}
              Usually they lost their recovery key and started over; it could also be somebody else. They get
              no messages.
            </>
          ) : (
            <>
              <b>
                <bdi>{member.name}</bdi> waits to be confirmed.
              </b>{" "}
              They get no messages until an admin has compared codes with them.
            </>
          )}
        </span>
        {code === undefined ? null : (
          <Button size="small" onPress={() => setAsking(true)}>
            Confirm
            <span className="visually-hidden">
              {" "}
              <bdi>{member.name}</bdi>
            </span>
          </Button>
        )}
      </Banner>
      <ConfirmDialog
        title={`Is this ${member.name}?`}
        open={asking}
        action="The codes are the same"
        kind="primary"
        busy={accept.busy}
        failure={accept.failure?.message}
        onConfirm={() =>
          void accept
            .run({ userId: member.userId, ...(code === undefined ? {} : { code }) })
            .then((outcome) => {
              if (!outcome.ok) return;
              say(`${member.name} is confirmed and gets messages.`);
              setAsking(false);
            })
        }
        onClose={() => setAsking(false)}
      >
        <p>
          Call <bdi>{member.name}</bdi> or meet them. Ask them to open Team and to read you the code at their
          own name. Do not ask in writing: whoever has the account would answer.
        </p>
        <p>
          It must be this one: <Code of={member} />
        </p>
        <p>If a single digit differs, cancel and tell the other admins at once.</p>
      </ConfirmDialog>
    </>
  );
}

function Code({ of }: { of: MemberRow }) {
  return of.code === undefined ? <b>not there yet, wait a moment</b> : <ReadCode code={of.code} />;
}
