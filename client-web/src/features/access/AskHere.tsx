"use client";

import type { OwnAccess } from "@hearth/client-core/contract.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Button } from "../../ui/Button.tsx";
import { At } from "../../ui/Time.tsx";
import { comingWords, nothingCame } from "./grantWords.ts";

/** Where a conversation says that messages can't be read: how the last ask stands, and asking. */
export function AskHere({ roomId, onAsk }: { roomId: string; onAsk: () => void }) {
  const mine = useView("access")?.mine ?? [];
  const withdraw = useCommand("access.withdraw");
  const last = mine.find((each) => each.roomId === undefined || each.roomId === roomId);
  const waits = last?.state === "waiting" || last?.state === "receiving";
  return (
    <>
      {last ? (
        <span role="status">
          <OwnState access={last} />
        </span>
      ) : null}
      {last?.state === "waiting" ? (
        <Button
          size="small"
          busy={withdraw.busy}
          onPress={() => void withdraw.run({ request: last.request })}
        >
          Take it back
        </Button>
      ) : null}
      {waits ? null : (
        <Button size="small" onPress={onAsk}>
          Ask for access
        </Button>
      )}
    </>
  );
}

/** Above messages that a grant may have brought: until when. Nothing where there is none. */
export function AccessHere({ roomId }: { roomId: string }) {
  const mine = useView("access")?.mine ?? [];
  const last = mine.find((each) => each.roomId === undefined || each.roomId === roomId);
  if (last?.state !== "receiving" && (last?.state !== "given" || last.kind === "window")) return null;
  return (
    <p role="status">
      <OwnState access={last} />
    </p>
  );
}

/** How an ask of one's own stands, in a sentence. */
export function OwnState({ access }: { access: OwnAccess }) {
  const by = access.byName ?? "An admin";
  switch (access.state) {
    case "waiting":
      return <>You asked for access. Nobody has answered yet.</>;
    case "receiving":
      return (
        <>
          {by} said yes. {comingWords(access)}
        </>
      );
    case "given": {
      const nothing = nothingCame(access);
      return nothing !== undefined ? (
        <>
          {by} said yes. {nothing}
        </>
      ) : (
        <>
          {by} gave you access
          {access.until === undefined ? null : (
            <>
              {" "}
              until <At at={access.until} />
            </>
          )}
          .
        </>
      );
    }
    case "declined":
      return <>{by} said no.</>;
    case "ended":
      return <>Your access has ended.</>;
    case "failed":
      return <>The keys did not come. {access.problem}</>;
  }
}
