import { LinkButton } from "../../ui/Button.tsx";
import { Empty } from "../../ui/Page.tsx";

export function NotFound() {
  return (
    <Empty
      title="There is no such page"
      actions={
        <LinkButton kind="primary" href="/requests/">
          Go to the requests
        </LinkButton>
      }
    >
      <p>The address may be mistyped, or the page may have moved.</p>
    </Empty>
  );
}
