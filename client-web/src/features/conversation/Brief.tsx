"use client";

import type { RoomView } from "@hearth/client-core/contract.ts";
import { Fragment } from "react";
import { FoldButton } from "../../ui/Button.tsx";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { Scroll } from "../../ui/Scroll.tsx";
import { Caller, Where } from "./Reach.tsx";
import styles from "./Room.module.css";

type Request = NonNullable<RoomView["request"]>;

/**
 * Where details don't fit beside the chat: what somebody who is sent there asks first, on top of it. Folded, it is one line
 * that still says where.
 */
export function Brief({
  request,
  folded,
  onFold,
}: {
  request: Request;
  folded: boolean;
  onFold: (folded: boolean) => void;
}) {
  const { location, caller_name: name, caller_contact: contact } = request.fields;
  const going = <Going request={request} />;
  if (folded)
    return (
      <FoldButton
        className={styles.folded}
        open={false}
        onPress={() => onFold(false)}
        label={`${location ?? NOWHERE}. Show where, who called and who is going`}
      >
        <Icon name="pin" size={18} />
        <span className={styles.foldedWords}>
          <bdi>{location ?? NOWHERE}</bdi>
          {request.going.length > 0 ? ` · ${request.going.length} going` : null}
        </span>
        <Icon name="down" size={18} />
      </FoldButton>
    );
  return (
    <Scroll className={styles.brief} label="Where and who">
      <Row icon="pin">{location ? <Where location={location} /> : NOWHERE}</Row>
      {name || contact ? (
        <Row icon="phone">
          <Caller fields={request.fields} />
        </Row>
      ) : null}
      <Row icon="team">
        <span className={styles.reach}>
          <span className={styles.reachWords}>{going}</span>
          <FoldButton
            className={styles.foldAway}
            open
            onPress={() => onFold(true)}
            label="Fold away where, who called and who is going"
          >
            <Icon name="down" size={18} />
          </FoldButton>
        </span>
      </Row>
    </Scroll>
  );
}

const NOWHERE = "Where is not known yet";

function Row({ icon, children }: { icon: IconName; children: React.ReactNode }) {
  return (
    <div className={styles.briefRow}>
      <Icon name={icon} size={18} />
      {children}
    </div>
  );
}

const SAYS = { on_the_way: "on the way", on_site: "on site" } as const;

/** Who goes. The status alone may say that somebody does whom this device has not read of. */
export function Going({ request: { going, status, statusLabel } }: { request: Request }) {
  if (going.length === 0)
    return (
      <>{status === "on_the_way" || status === "on_site" ? statusLabel : "Nobody has said they are going"}</>
    );
  return (
    <>
      {going.map((each, i) => (
        <Fragment key={each.userId}>
          {i > 0 ? ", " : null}
          <bdi>{each.name}</bdi> {SAYS[each.status]}
        </Fragment>
      ))}
    </>
  );
}
