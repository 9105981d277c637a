import { LinkButton } from "../../ui/Button.tsx";
import { Page } from "../../ui/Page.tsx";

export function NotFound() {
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
