"use client";

import { usePathname } from "next/navigation";
import { useEffect, useRef, type ReactNode } from "react";
import { roomInHash } from "../../routes.ts";
import { useHash } from "../../client/location.ts";
import { useView } from "../../client/port.tsx";
import { Icon, Mark, type IconName } from "../../ui/Icon.tsx";
import { Link } from "../../ui/Link.tsx";
import { AccessBar } from "../access/AccessBar.tsx";
import { BackupBar } from "../backup/BackupBar.tsx";
import { ClockBar } from "./ClockBar.tsx";
import { ConnectionBar } from "./ConnectionBar.tsx";
import { useTouches } from "../appLock/useTouches.ts";
import { RosterBar } from "./RosterBar.tsx";
import { DutySwitch } from "../profile/DutySwitch.tsx";
import { VerificationBar } from "../verification/VerificationBar.tsx";
import styles from "./Frame.module.css";

const PLACES: readonly { href: string; name: string; icon: IconName }[] = [
  { href: "/requests/", name: "Requests", icon: "requests" },
  { href: "/team/", name: "Team", icon: "team" },
  { href: "/profile/", name: "Profile", icon: "person" },
  { href: "/settings/", name: "Settings", icon: "settings" },
  { href: "/help/", name: "Help", icon: "help" },
];
/** Which place a page below another belongs to. */
const BELOW: Record<string, string> = {
  "/requests/new/": "/requests/",
  "/devices/": "/settings/",
  "/password/": "/settings/",
  "/lock/": "/settings/",
  "/access/": "/settings/",
};

/** Around every page of somebody signed in: the way around, whether the server answers, and the page itself. */
export function Frame({ children }: { children: ReactNode }) {
  const path = usePathname();
  useTouches();
  const inRoom = roomInHash(useHash()) !== undefined && path === "/requests/";
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);

  // A new page begins at its beginning, for keyboards and screen readers too.
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    if (!main.current?.contains(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className={`${styles.frame} ${inRoom ? styles.inRoom : ""}`}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className={`${styles.rail} no-print`}>
        <Link href="/requests/" className={styles.mark}>
          <Mark size={34} />
          <span className="visually-hidden">Hearth: all requests</span>
        </Link>
        <nav className={styles.nav} aria-label="Main">
          {PLACES.map((place) => (
            <Place key={place.href} {...place} current={(BELOW[path] ?? path) === place.href} />
          ))}
        </nav>
        <div className={styles.duty}>
          <DutySwitch compact />
        </div>
      </header>
      <div className={styles.body}>
        <ConnectionBar />
        <ClockBar />
        <VerificationBar />
        <BackupBar inRoom={inRoom} />
        <RosterBar />
        <AccessBar />
        <main ref={main} className={styles.main} id="content" tabIndex={-1}>
          {children}
        </main>
      </div>
    </div>
  );
}

function Place({
  href,
  name,
  icon,
  current,
}: {
  href: string;
  name: string;
  icon: IconName;
  current: boolean;
}) {
  return (
    <Link href={href} className={styles.place} current={current}>
      <Icon name={icon} size={22} />
      <span className={styles.placeName}>{name}</span>
      {href === "/requests/" ? <UnreadDot /> : null}
    </Link>
  );
}

function UnreadDot() {
  const rows = useView("requests")?.rows ?? [];
  const unread = rows.filter((row) => row.unread > 0 && !row.closed).length;
  if (unread === 0) return null;
  return (
    <span className={styles.unread}>
      <span className="visually-hidden">, </span>
      {unread}
      <span className="visually-hidden"> with news</span>
    </span>
  );
}
