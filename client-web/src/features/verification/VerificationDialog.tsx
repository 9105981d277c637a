"use client";

import { isolated } from "@hearth/protocol";
import type { VerificationView } from "@hearth/client-core/contract.ts";
import { useView } from "../../client/port.tsx";
import { useCommand } from "../../client/useCommand.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Choose } from "./Choose.tsx";
import type { Other } from "./other.ts";
import { Asking, Cancelled, Done, Emoji, Scanned, Waiting } from "./steps.tsx";

/** The comparison that is under way, over whatever page is open. Shutting it ends it. */
export function VerificationDialog() {
  const view = useView("verification");
  const cancel = useCommand("verification.cancel");
  const { phase, other } = view ?? { phase: { kind: "none" } as const, other: undefined };
  // Somebody's ask waits in a bar: a window would take the keyboard from whoever is typing.
  if (!other || phase.kind === "none" || phase.kind === "asked") return null;
  const end = () => void cancel.run({});
  return (
    <Dialog title={titleOf(other)} open onClose={end}>
      <Step phase={phase} other={other} onEnd={end} />
    </Dialog>
  );
}

function Step({
  phase,
  other,
  onEnd,
}: {
  phase: VerificationView["phase"];
  other: Other;
  onEnd: () => void;
}) {
  switch (phase.kind) {
    case "asking":
      return <Asking other={other} onEnd={onEnd} />;
    case "choose":
      return <Choose other={other} qr={phase.qr} canScan={phase.canScan} onEnd={onEnd} />;
    case "waiting":
      return <Waiting other={other} scanned={phase.scanned ?? false} onEnd={onEnd} />;
    case "emoji":
      return <Emoji other={other} emoji={phase.emoji} said={phase.said} />;
    case "scanned":
      return <Scanned other={other} said={phase.said} />;
    case "done":
      return <Done other={other} onEnd={onEnd} />;
    case "cancelled":
      return <Cancelled other={other} message={phase.message} alarm={phase.alarm} onEnd={onEnd} />;
    case "none":
    case "asked":
      return null;
  }
}

function titleOf(other: Other): string {
  if (!other.self) return `Verify ${other.name}`;
  return other.deviceName === undefined
    ? "Verify with another device"
    : `Verify ${isolated(other.deviceName)}`;
}
