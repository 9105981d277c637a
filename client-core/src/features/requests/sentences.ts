import { historyOf, type EntryRefusal, type HistoryItem } from "@hearth/protocol";
import type { RawEvent } from "../../rooms/rawEvent.ts";

/** What people read in a request's timeline. Pure: names come in, sentences go out. */

export function sentenceOf(who: string, what: Exclude<HistoryItem["what"], { kind: "refused" }>): string {
  return `${who} ${historyOf(what)}`;
}

/** @param newerBuild whether our origin serves a newer build: to reload helps then, and only then */
export function refusalSentence(reason: EntryRefusal, newerBuild: boolean): string {
  switch (reason) {
    case "malformed":
      return "An entry with wrong content. It changes nothing; no Hearth client writes such.";
    case "newer_version":
      return newerBuild
        ? "An entry of a newer version of Hearth. It changes nothing here: reload to update."
        : "An entry of a newer version of Hearth than this server has for you. It changes nothing here: ask its writer what it says.";
    case "not_permitted":
      return "An entry by somebody who was not permitted to write it. It changes nothing.";
    case "already_open":
      return "A second opening of the same request. It changes nothing.";
    case "not_open_yet":
      return "An entry from before the request was opened, as far as this device can read. It changes nothing.";
    case "closed":
      return "An entry that came after the request was closed. It changes nothing.";
    case "not_closed":
      return "A reopening of a request that was open. It changes nothing.";
    case "repeated":
      return "An entry that was sent before. It counts once.";
    case "snapshot_mismatch":
      return "A summary that does not agree with what this device has read itself. It changes nothing.";
  }
}

/** Who was added to a room, came or went, and in which of these ways. */
type Membership = { readonly text: string; readonly change: "invite" | "join" | "leave" };

/** Undefined for what nobody needs to read, such as the bot's own coming and going. */
export function membershipSentence(
  event: RawEvent,
  nameOf: (userId: string) => string,
  botUserId: string | undefined,
): Membership | undefined {
  const target = event.state_key;
  if (event.type !== "m.room.member" || target === undefined || target === botUserId) return undefined;
  const who = nameOf(target);
  const by = event.sender === target ? undefined : nameOf(event.sender);
  switch (event.content["membership"]) {
    case "invite":
      return by === undefined ? undefined : { text: `${by} invited ${who}`, change: "invite" };
    case "join":
      return { text: `${who} joined`, change: "join" };
    case "leave":
      return { text: by === undefined ? `${who} left` : `${who} was removed by ${by}`, change: "leave" };
    case "ban":
      return { text: `${who} was removed by ${by ?? "the server"}`, change: "leave" };
    default:
      return undefined;
  }
}

/** Why a row of the list can't be relied upon; undefined when it can. */
export function rowProblem(digest: {
  readonly folded: unknown;
  readonly incomplete: boolean;
  readonly unreadable: number;
  readonly closed: boolean;
  /** Something of it went with the key window. */
  readonly forgotten?: boolean;
}): string | undefined {
  if (digest.folded === undefined && digest.forgotten)
    return "No longer kept on this device. Open it to ask for access.";
  if (digest.folded === undefined && digest.closed)
    return "Closed before this device could read it. Open it to ask for access.";
  if (digest.folded === undefined)
    return digest.unreadable > 0
      ? "Waiting for a colleague’s device to send this request."
      : "Not loaded yet.";
  return digest.incomplete ? "Something is missing here: see the request." : undefined;
}
