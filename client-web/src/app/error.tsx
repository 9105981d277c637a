"use client";

import { Banner } from "../ui/Banner.tsx";
import { Button } from "../ui/Button.tsx";
import { Page } from "../ui/Page.tsx";

/** A surprise in a screen. What was sent is sent, what was queued stays queued: only the drawing failed. */
export default function ErrorPage({ reset }: { error: Error; reset: () => void }) {
  return (
    <Page title="Something went wrong" narrow>
      <Banner tone="danger">
        This page could not be shown. Nothing that you sent is lost. Try again; if it happens once more,
        reload, and tell an admin what you did just before.
      </Banner>
      <div>
        <Button kind="primary" onPress={reset}>
          Try again
        </Button>
      </div>
    </Page>
  );
}
