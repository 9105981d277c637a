"use client";

import { useEffect, useSyncExternalStore } from "react";
import { LinkButton } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";

export function NotFound() {
  const seen = useSyncExternalStore(stays, cameByInvite, () => false);
  useEffect(() => {
    // Neither the browser's history nor whoever looks at the screen needs the secret.
    if (seen) window.history.replaceState({}, "", "/join/");
  }, [seen]);
  if (seen)
    return (
      <Page title="This invite link was changed on its way" narrow>
        <p>
          A program that passed it on turned its # into %23, so the server has seen the secret in it. Ask
          whoever invited you to withdraw this link and send you a new one.
        </p>
        <div>
          <LinkButton kind="primary" href="/join/">
            I have a new link
          </LinkButton>
        </div>
      </Page>
    );
  return (
    <Page title="There is no such page" narrow>
      <p>The address may be mistyped, or the page may have moved.</p>
      <div>
        <LinkButton kind="primary" href="/requests/">
          Go to the requests
        </LinkButton>
      </div>
    </Page>
  );
}

let asked: boolean | undefined;
/** What the page was asked for with, once for all: the address is cleared. Of a link with its `#` escaped, all that followed it is part of the path. */
const cameByInvite = () => (asked ??= /^\/+join\/*(%23|%2523)/i.test(window.location.pathname));
const stays = () => () => {};
