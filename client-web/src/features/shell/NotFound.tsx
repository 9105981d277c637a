"use client";

import { useEffect, useState } from "react";
import { LinkButton } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";

export function NotFound() {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!hasInvite(window.location.pathname)) return;
    // Neither the browser's history nor whoever looks at the screen needs the secret.
    window.history.replaceState({}, "", "/join/");
    setSeen(true);
  }, []);
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

/** Of a link with its `#` escaped: then all that followed it is part of the path. */
function hasInvite(path: string): boolean {
  return /^\/+join\/*(%23|%2523|#)/i.test(path);
}
