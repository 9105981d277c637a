import { readContent, type UserId, type Versioned } from "@hearth/protocol";
import type { z } from "zod";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { RoomState } from "../rooms/roomState.ts";

/**
 * One type of the organisation's state, parsed: each event once, when it comes. As long as no event of the type has
 * changed, what is given is the very same map, so that whoever compares need not look into it.
 */
export class ParsedState<S extends z.ZodType, Name extends string = string> {
  readonly #definition: Versioned<S> & { readonly type: string };
  readonly #mayWrite: (event: RawEvent, bot: UserId) => boolean;
  readonly #contents = new WeakMap<RawEvent, { readonly content: z.infer<S> } | typeof NO_CONTENT>();
  readonly #maps = new WeakMap<
    ReadonlyMap<string, RawEvent>,
    { readonly bot: UserId; readonly parsed: ReadonlyMap<Name, z.infer<S>> }
  >();

  /** @param mayWrite what anybody else wrote is left out, as is what does not parse */
  constructor(
    definition: Versioned<S> & { readonly type: string },
    mayWrite: (event: RawEvent, bot: UserId) => boolean,
  ) {
    this.#definition = definition;
    this.#mayWrite = mayWrite;
  }

  /** By state key. */
  of(state: RoomState, bot: UserId): ReadonlyMap<Name, z.infer<S>> {
    const events = state.ofType(this.#definition.type);
    const known = this.#maps.get(events);
    if (known?.bot === bot) return known.parsed;
    const parsed = new Map<Name, z.infer<S>>();
    for (const [stateKey, event] of events) {
      if (!this.#mayWrite(event, bot)) continue;
      const read = this.#read(event);
      if (read !== NO_CONTENT) parsed.set(stateKey as Name, read.content);
    }
    this.#maps.set(events, { bot, parsed });
    return parsed;
  }

  #read(event: RawEvent): { readonly content: z.infer<S> } | typeof NO_CONTENT {
    const known = this.#contents.get(event);
    if (known !== undefined) return known;
    const content = readContent(this.#definition, event.content);
    const read = content.ok ? { content: content.content } : NO_CONTENT;
    this.#contents.set(event, read);
    return read;
  }
}

const NO_CONTENT = Symbol("does not parse");
