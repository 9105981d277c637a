import { Closed } from "./events/closed.ts";
import { Edited } from "./events/edited.ts";
import { Opened } from "./events/opened.ts";
import { Reopened } from "./events/reopened.ts";
import { Snapshot } from "./events/snapshot.ts";
import { StatusSet } from "./events/statusSet.ts";
import type { z } from "zod";

/** Every entry of a request's log, the oldest first. */
export const REQUEST_ENTRIES = [Opened, Edited, StatusSet, Closed, Reopened, Snapshot] as const;

export type RequestEntry = (typeof REQUEST_ENTRIES)[number];

/** An entry before its envelope. */
export type NewEntry = {
  [Each in RequestEntry as Each["type"]]: {
    readonly type: Each["type"];
    readonly payload: z.infer<Each["payload"]>;
  };
}[RequestEntry["type"]];

/** What the history keeps of an entry. */
export type Told = {
  [Each in RequestEntry as Each["name"]]: { readonly kind: Each["name"] } & ReturnType<Each["describe"]>;
}[RequestEntry["name"]];

type CommandOf<Each extends RequestEntry> = {
  [One in Each as One["ask"]["kind"]]: { readonly kind: One["ask"]["kind"] } & Parameters<
    One["ask"]["make"]
  >[0];
}[Each["ask"]["kind"]];

/** What a person asks of a request. */
export type RequestCommand = CommandOf<RequestEntry>;
/** Those that anybody's screen gives, through `request.do`. */
export type RequestDeed = CommandOf<Extract<RequestEntry, { readonly ask: { readonly givenBy: "screen" } }>>;

/** The entry that a command asks for; undefined if there is no such command. */
export function entryFor(kind: string): RequestEntry | undefined {
  return REQUEST_ENTRIES.find((entry) => entry.ask.kind === kind);
}

/** How an entry reads in the history, after its writer's name. */
export function historyOf(told: Told): string {
  const entry = REQUEST_ENTRIES.find(({ name }) => name === told.kind);
  const history = entry?.words.history as ((of: Told) => string) | undefined;
  return history?.(told) ?? "wrote an entry";
}

/** What an entry is called while it waits to be sent; a summary, before it says anything. */
export function waitingTitle({
  type,
  payload,
}: NewEntry | { readonly type: typeof Snapshot.type; readonly payload?: undefined }): string {
  const entry = REQUEST_ENTRIES.find((each) => each.type === type);
  const waiting = entry?.words.waiting as ((of: unknown) => string) | undefined;
  return waiting?.(payload) ?? "Entry of a request";
}
