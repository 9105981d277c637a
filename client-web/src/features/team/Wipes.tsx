"use client";

import type { WipesView } from "@hearth/client-core/contract.ts";
import { useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Badge } from "../../ui/Badge.tsx";
import { Banner } from "../../ui/Banner.tsx";
import { Button } from "../../ui/Button.tsx";
import { Section } from "../../ui/Page.tsx";
import { At, useNow } from "../../ui/Time.tsx";
import { WipeDialog } from "./WipeDialog.tsx";
import styles from "./Team.module.css";

type Order = WipesView["orders"][number];
type Wish = WipesView["wishes"][number];

const DAY_MS = 86_400_000;

/** For admins: which wiped devices have answered. Whoever has just wiped one looks for it at the top of the page. */
export function Wipes({ which }: { which: "last day" | "earlier" }) {
  const now = useNow();
  const isLate = which === "last day";
  const orders = (useView("wipes")?.orders ?? []).filter(({ at }) => now - at < DAY_MS === isLate);
  const nameOf = useNames();
  const title = isLate ? "Wiped devices" : "Wiped earlier";
  if (orders.length === 0) return null;
  return (
    <Section title={title}>
      <ul className={styles.wipes} aria-label={title}>
        {orders.map((order) => (
          <li key={order.target} className={styles.wipe}>
            <span className={styles.names}>
              <b>
                <bdi>{nameOf(order.userId)}</bdi>
              </b>
              <span className={styles.small}>
                {order.deviceId} · by <bdi>{nameOf(order.by)}</bdi>, <At at={order.at} />
              </span>
            </span>
            <State order={order} />
            <Left order={order} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

/** For admins: what was asked for in the admin room, and waits for one of them to confirm it here. */
export function AskedWipes() {
  const wishes = useView("wipes")?.wishes ?? [];
  const nameOf = useNames();
  const [confirming, setConfirming] = useState<Wish>();
  return (
    <>
      {wishes.map((wish) => (
        <Asked key={wish.userId} wish={wish} nameOf={nameOf} onLook={() => setConfirming(wish)} />
      ))}
      {confirming ? (
        <WipeDialog
          member={{ userId: confirming.userId, name: nameOf(confirming.userId) }}
          asked={confirming}
          onClose={() => setConfirming(undefined)}
        />
      ) : null}
    </>
  );
}

function State({ order }: { order: Order }) {
  const doubts = useView("team")?.list?.compare ?? false;
  if (order.state === "acknowledged") return <Badge tone="ok">Keys destroyed</Badge>;
  // A device that follows no list yet knows nobody as an admin: that says nothing about who signed.
  if (!order.counts && !doubts) return <Badge tone="warn">Signed by a former admin: wipe it again</Badge>;
  if (order.state === "waiting") return <Badge tone="info">Told, no answer yet</Badge>;
  return (
    <Badge tone="warn">
      {order.left === "device"
        ? "Not answered: wiped when it is next online"
        : "Not answered: signed out, and wiped when it is next online"}
    </Badge>
  );
}

/** What the server still has to do: said beside what the device said, because each may be true without the other. */
function Left({ order: { left } }: { order: Order }) {
  if (left === undefined) return null;
  return (
    <span className={styles.left}>
      {left === "device"
        ? "The server has not been able to sign this device out yet. It is tried again by itself; if this stays, ask whoever hosts Hearth."
        : "Signed out, but the server still keeps its half of this device’s key, perhaps because the account is locked. It is tried again by itself."}
    </span>
  );
}

function Asked({
  wish,
  nameOf,
  onLook,
}: {
  wish: Wish;
  nameOf: (userId: string) => string;
  onLook: () => void;
}) {
  const dismiss = useCommand("org.do");
  return (
    <Banner tone="warn" live={false}>
      <span>
        <b>
          <bdi>{nameOf(wish.by)}</bdi>
        </b>{" "}
        asked in the admin room to wipe{" "}
        {wish.deviceId === undefined ? "all devices" : `the device ${wish.deviceId}`} of{" "}
        <b>
          <bdi>{nameOf(wish.userId)}</bdi>
        </b>
        . Nothing has happened yet: an admin has to confirm it here. If you don’t know why, ask them first.
      </span>
      <span className={styles.actions}>
        <Button size="small" onPress={onLook}>
          Look
          <span className="visually-hidden">
            {" "}
            at the devices of <bdi>{nameOf(wish.userId)}</bdi>
          </span>
        </Button>
        <Button
          size="small"
          kind="quiet"
          busy={dismiss.busy}
          onPress={() => void dismiss.run({ name: "wipe dismiss", args: { user: wish.userId } })}
        >
          Don’t wipe
        </Button>
      </span>
      {dismiss.failure ? <span>{dismiss.failure.message}</span> : null}
    </Banner>
  );
}

function useNames(): (userId: string) => string {
  const members = useView("team")?.members ?? [];
  return (userId) => members.find((member) => member.userId === userId)?.name ?? userId;
}
