/** Why a comparison came to nothing. `code` is the protocol's own word for it. */
export type Ended =
  | { readonly kind: "mine" }
  | { readonly kind: "mismatch" }
  | { readonly kind: "no_answer" }
  | { readonly kind: "went_quiet" }
  | { readonly kind: "both_asked" }
  | { readonly kind: "not_signed" }
  | { readonly kind: "code"; readonly code: string; readonly theirs: boolean; readonly asked: boolean };

const ALARM =
  "somebody may be listening in between. Do not send anything sensitive to them here, call them, and tell an admin.";

/** The sentence for it, and whether it is one to worry about. */
export function endSentence(why: Ended, name: string): { message: string; alarm: boolean } {
  switch (why.kind) {
    case "mine":
      return calm("You ended it. Nothing has changed.");
    case "mismatch":
      return { message: `The emoji were not the same: ${ALARM}`, alarm: true };
    case "no_answer":
      return calm(`${name} did not answer. Call them, and try again when both of you are at a screen.`);
    case "went_quiet":
      return calm(
        `Nothing came from ${name} for a while, so this was ended. Nothing has changed; start again when both of you are ready.`,
      );
    case "both_asked":
      return calm("Both devices asked at the same time. Start again on one of them only.");
    case "not_signed":
      return calm(
        "You compared well, but the result could not be stored. Check the network, then do it once more.",
      );
    case "code":
      return ofCode(why, name);
  }
}

function ofCode(
  { code, theirs, asked }: { code: string; theirs: boolean; asked: boolean },
  name: string,
): { message: string; alarm: boolean } {
  switch (code) {
    case "m.mismatched_sas":
    case "m.mismatched_commitment":
      return {
        message: theirs
          ? `${name} says that the emoji are not the same: ${ALARM}`
          : `The check failed: ${ALARM}`,
        alarm: true,
      };
    case "m.key_mismatch":
    case "m.user_mismatch":
      return { message: `The keys are not those that ${name} should have: ${ALARM}`, alarm: true };
    case "m.timeout":
      return calm(`It took too long, so this was ended. Nothing has changed; start again with ${name}.`);
    case "m.accepted":
      return calm("This is being answered on another device.");
    case "m.unknown_method":
      return calm(`${name}’s program offers no way to compare that this one knows.`);
    default:
      if (!theirs) return calm("This was ended. Nothing has changed; you can start again.");
      return calm(
        asked
          ? `${name} said “Not now”. Ask them, and try again later.`
          : `${name} cancelled. Nothing has changed; you can start again.`,
      );
  }
}

function calm(message: string) {
  return { message, alarm: false };
}
