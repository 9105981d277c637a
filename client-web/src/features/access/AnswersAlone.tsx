"use client";

import type { AccessView } from "@hearth/client-core/contract.ts";
import { useCommand } from "../../client/useCommand.ts";
import { Banner } from "../../ui/Banner.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Section } from "../../ui/Page.tsx";
import { toSpan, unitWord } from "../settings/span.ts";

/** An admin's own word that this very device may answer without them, and how far back. */
export function AnswersAlone({ alone }: { alone: NonNullable<AccessView["alone"]> }) {
  const { run, busy, failure } = useCommand("access.answerAlone");
  const { allowed, window, policyWindow } = alone;
  const on = window !== undefined;
  return (
    <Section title="Answering by itself">
      <Checkbox
        checked={on}
        disabled={busy || (!on && (!allowed || policyWindow === undefined))}
        onChange={(next) => void run(next && policyWindow !== undefined ? { window: policyWindow } : {})}
        hint={hintOf(alone)}
      >
        This device answers requests for recent messages by itself
      </Checkbox>
      {on && policyWindow !== undefined && policyWindow !== window ? (
        <Banner tone="warn" live={false}>
          The policy now says {lengthOf(policyWindow)}; when you switched this on here it said{" "}
          {lengthOf(window)}. This device gives no more than the shorter of the two. If an admin changed the
          policy, switch this off and on again. If nobody did, somebody may be interfering with the server:
          tell the other admins.
        </Banner>
      ) : null}
      {failure ? <Banner tone="danger">{failure.message}</Banner> : null}
    </Section>
  );
}

function hintOf({ allowed, window, policyWindow }: NonNullable<AccessView["alone"]>): string {
  const who = "only to people on the team list, and at most five times a day for each";
  if (window !== undefined && !allowed)
    return "The policy no longer lets devices do so, so this one answers nothing by itself.";
  if (window !== undefined)
    return `While Hearth is open here, it gives messages of the last ${lengthOf(window)}: ${who}.`;
  if (!allowed || policyWindow === undefined)
    return "The policy does not let devices do so. An admin can change that in the settings.";
  return `It would give messages of the last ${lengthOf(policyWindow)} while Hearth is open here: ${who}.`;
}

/** "P14D" as "14 days". */
function lengthOf(iso: string): string {
  const { count, unit } = toSpan(iso);
  return `${count} ${unitWord(count, unit)}`;
}
