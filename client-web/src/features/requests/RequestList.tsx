"use client";

import { useMemo, useState } from "react";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Button, LinkButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty } from "../../ui/Page.tsx";
import { Scroll } from "../../ui/Scroll.tsx";
import { SearchField } from "../../ui/SearchField.tsx";
import { Select } from "../../ui/Select.tsx";
import { Spinner } from "../../ui/Spinner.tsx";
import { Tabs } from "../../ui/Tabs.tsx";
import { say } from "../../ui/Toasts.tsx";
import { arrange, type ListSort, type ListTab } from "./list.ts";
import { mayOpen } from "./may.ts";
import { RequestRowLink } from "./RequestRowLink.tsx";
import styles from "./RequestList.module.css";

const SORTS = [
  { value: "newest", label: "Newest" },
  { value: "status", label: "Status" },
  { value: "priority", label: "Priority" },
] as const satisfies readonly { value: ListSort; label: string }[];

const NOTHING: Record<ListTab, { title: string; text: string }> = {
  active: { title: "No open requests", text: "When somebody opens a request, it appears here." },
  closed: { title: "No closed requests", text: "Requests that are closed appear here." },
  all: { title: "No requests yet", text: "When somebody opens a request, it appears here." },
};

export function RequestList({ current }: { current: string | undefined }) {
  const view = useView("requests");
  const session = useView("session");
  const [tab, setTab] = useState<ListTab>("active");
  const [sort, setSort] = useState<ListSort>("newest");
  const [search, setSearch] = useState("");
  const rows = useMemo(() => view?.rows ?? [], [view]);
  const shown = useMemo(() => arrange(rows, { tab, sort, search }), [rows, tab, sort, search]);
  const counts = {
    active: rows.filter((row) => !row.closed).length,
    closed: rows.filter((row) => row.closed).length,
    all: rows.length,
  };
  const mayNew = mayOpen(session);

  // What is stored is shown at once, and stays when no server answers.
  const panel =
    !view?.loaded && shown.length === 0 ? (
      <p className={styles.loading} role="status">
        <Spinner /> Loading requests…
      </p>
    ) : shown.length > 0 ? (
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- moves the focus between its links, no more
      <ul className={styles.rows} aria-label="Requests" onKeyDown={moveByArrows}>
        {shown.map((row) => (
          <li key={row.roomId} className={styles.item}>
            <RequestRowLink row={row} current={row.roomId === current} />
          </li>
        ))}
      </ul>
    ) : search.trim() !== "" ? (
      <Empty title="Nothing found">
        <p>No request here has all of these words. Look under All, or search for fewer words.</p>
      </Empty>
    ) : (
      <Nothing tab={tab} mayOpen={mayNew} none={rows.length === 0} />
    );

  return (
    <>
      <header className={styles.header}>
        <div className={styles.top}>
          <h1>Requests</h1>
          {mayNew ? (
            <LinkButton kind="primary" href="/requests/new/">
              <Icon name="plus" size={18} /> New request
            </LinkButton>
          ) : null}
        </div>
        <div className={styles.tools}>
          <SearchField label="Search requests" placeholder="Search" value={search} onChange={setSearch} />
          <Select label="Order" labelHidden value={sort} options={SORTS} onChange={setSort} />
        </div>
      </header>
      <Tabs
        label="Which requests"
        value={tab}
        onChange={setTab}
        tabs={(["active", "closed", "all"] as const).map((key) => ({
          key,
          label: (
            <span>
              {{ active: "Active", closed: "Closed", all: "All" }[key]}{" "}
              <span className={styles.count}>{counts[key]}</span>
            </span>
          ),
          panel: (
            <Scroll label="List of requests" className={styles.panel}>
              {panel}
            </Scroll>
          ),
        }))}
      />
    </>
  );
}

/** Up and down go from row to row, as in any list. */
function moveByArrows(event: React.KeyboardEvent<HTMLUListElement>) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const links = [...event.currentTarget.querySelectorAll<HTMLAnchorElement>("a")];
  const at = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = links[at + (event.key === "ArrowDown" ? 1 : -1)];
  if (at < 0 || !next) return;
  event.preventDefault();
  next.focus();
}

function Nothing({ tab, mayOpen: may, none }: { tab: ListTab; mayOpen: boolean; none: boolean }) {
  const examples = useCommand("request.addExamples");
  return (
    <Empty
      title={NOTHING[tab].title}
      actions={
        may && none ? (
          <Button
            busy={examples.busy}
            onPress={() =>
              void examples
                .run({})
                .then((outcome) => outcome.ok && say("Three example requests are on their way."))
            }
          >
            Add three example requests
          </Button>
        ) : undefined
      }
    >
      <p>{NOTHING[tab].text}</p>
      {examples.failure ? <Banner tone="danger">{examples.failure.message}</Banner> : null}
    </Empty>
  );
}
