"use client";

import type { AccessAsk } from "@hearth/client-core/contract.ts";
import { ACCESS_CODE_LABELS, handle, isolated } from "@hearth/protocol";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { count } from "../../ui/count.ts";
import { ConfirmDialog } from "../../ui/Dialog.tsx";
import { At, useNow } from "../../ui/Time.tsx";
import { say } from "../../ui/Toasts.tsx";
import styles from "./access.module.css";
import { GiveAccess } from "./GiveAccess.tsx";
import { deliveryWords, nothingGiven } from "./grantWords.ts";

/** One ask as an admin sees it: who, for what, from which device, and what became of it. */
export function AskCard({ ask }: { ask: AccessAsk }) {
  const decline = useCommand("access.decline");
  const revoke = useCommand("access.revoke");
  const [dialog, setDialog] = useState<"give" | "decline" | "revoke">();
  const me = useView("session")?.userId;
  const now = useNow();
  const close = () => setDialog(undefined);
  const nothing = nothingGiven(ask);
  const lasts = ask.state === "given" && (ask.until ?? 0) > now;
  return (
    <div className={styles.card}>
      <div className={styles.line}>
        <b>
          <bdi>{ask.name}</bdi>
        </b>
        <span className={styles.small}>{handle(ask.userId, me)}</span>
        {nothing === undefined ? (
          <StateBadge ask={ask} over={ask.state === "given" && !lasts} />
        ) : (
          <Badge tone="warn">Nothing to give</Badge>
        )}
      </div>
      <dl className={styles.facts}>
        <Fact name="Messages">
          {ask.kind === "window" ? "Recent, " : "Older, "}
          from <At at={ask.from} /> to <At at={ask.to} />
        </Fact>
        <Fact name="Requests">{roomsOf(ask)}</Fact>
        <Fact name="Why">
          {ACCESS_CODE_LABELS[ask.code]}
          {ask.reason === undefined ? "" : `: “${isolated(ask.reason)}”`}
        </Fact>
        <Fact name="Asked">
          <At at={ask.at} />
        </Fact>
        <Fact name="Device">
          {ask.deviceId}, {ask.device.signed ? "signed by its owner" : "not signed"}
          {ask.device.seenAt === undefined ? null : (
            <>
              , first seen here <At at={ask.device.seenAt} />
            </>
          )}
        </Fact>
        {ask.byName === undefined ? null : (
          <Fact name="Answered by">
            <bdi>{ask.byName}</bdi>
            {ask.automatic ? ", by itself, as the policy lets it" : ""}
            {ask.until === undefined ? null : (
              <>
                , until <At at={ask.until} />
              </>
            )}
            {ask.keys === undefined ? null : `, ${count(ask.keys, "key")}`}
          </Fact>
        )}
        {ask.devices.length === 0 || nothing !== undefined ? null : (
          <Fact name="On their devices">{ask.devices.map(deliveryWords).join("; ")}</Fact>
        )}
      </dl>
      {ask.state === "waiting" ? <Warnings ask={ask} /> : null}
      {nothing === undefined ? null : <Banner tone="warn">{nothing}</Banner>}
      {ask.problem === undefined ? null : <Banner tone="danger">{ask.problem}</Banner>}
      {ask.state === "waiting" && ask.canAnswer ? (
        <div className={styles.actions}>
          <Button size="small" kind="primary" onPress={() => setDialog("give")}>
            Give…
            <span className="visually-hidden">
              {" "}
              <bdi>{ask.name}</bdi> access
            </span>
          </Button>
          <Button size="small" onPress={() => setDialog("decline")}>
            Decline
            <span className="visually-hidden">
              {" "}
              <bdi>{ask.name}</bdi>
            </span>
          </Button>
        </div>
      ) : null}
      {lasts && nothing === undefined ? (
        <div className={styles.actions}>
          <Button size="small" onPress={() => setDialog("revoke")}>
            End now
            <span className="visually-hidden">
              : <bdi>{ask.name}</bdi>
            </span>
          </Button>
        </div>
      ) : null}
      {dialog === "give" ? <GiveAccess ask={ask} onClose={close} /> : null}
      <ConfirmDialog
        title={`Decline what ${ask.name} asks?`}
        open={dialog === "decline"}
        action="Decline"
        busy={decline.busy}
        failure={decline.failure?.message}
        onConfirm={() =>
          void decline.run({ request: ask.request }).then((outcome) => {
            if (outcome.ok) close();
          })
        }
        onClose={close}
      >
        <p>They are told. They can ask again.</p>
      </ConfirmDialog>
      <ConfirmDialog
        title={`End ${ask.name}’s access now?`}
        open={dialog === "revoke"}
        action="End access"
        busy={revoke.busy}
        failure={revoke.failure?.message}
        onConfirm={() =>
          void revoke.run({ userId: ask.userId, request: ask.request }).then((outcome) => {
            if (!outcome.ok) return;
            say("Their devices delete these keys: at once if they are online.");
            close();
          })
        }
        onClose={close}
      >
        <p>
          Devices that are online delete the keys at once, others when they are next opened. You see here
          which have done so.
        </p>
        <p>
          This can’t take back what somebody has read, copied or photographed, and a device on which somebody
          tampered with Hearth may keep the keys. If you fear that, wipe the device too: then it gets nothing
          new.
        </p>
      </ConfirmDialog>
    </div>
  );
}

function StateBadge({ ask, over }: { ask: AccessAsk; over: boolean }) {
  if (over) return <Badge>Over</Badge>;
  switch (ask.state) {
    case "waiting":
      return <Badge tone="warn">Waiting</Badge>;
    case "giving":
      return <Badge tone="info">Being given</Badge>;
    case "given":
      return <Badge tone="ok">Given</Badge>;
    case "withdrawn":
      return <Badge>Taken back</Badge>;
    case "declined":
      return <Badge>Declined</Badge>;
    case "revoked":
      return <Badge>Ended early</Badge>;
  }
}

function Warnings({ ask }: { ask: AccessAsk }) {
  if (ask.identity === "changed")
    return (
      <Banner tone="danger" live={false}>
        <bdi>{ask.name}</bdi>’s security identity changed. Speak with them before you give anything: somebody
        else may be asking in their name.
      </Banner>
    );
  if (!ask.listed)
    return (
      <Banner tone="warn" live={false}>
        <bdi>{ask.name}</bdi> is not confirmed yet. Compare their code on the Team page first.
      </Banner>
    );
  if (!ask.device.signed)
    return (
      <Banner tone="warn" live={false}>
        This device is not signed by its owner and gets nothing.
      </Banner>
    );
  if (!ask.canAnswer)
    return (
      <Banner tone="info" live={false}>
        The request came before this device was here. Another admin can answer it, or they ask again.
      </Banner>
    );
  return null;
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function roomsOf({ rooms }: AccessAsk): string {
  if (rooms === undefined) return "All that you are both in";
  return typeof rooms === "number" ? count(rooms, "request") : rooms.join(", ");
}
