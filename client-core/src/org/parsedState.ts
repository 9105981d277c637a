import { readContent, type Read, type UserId, type Versioned } from "@hearth/protocol";
import type { z } from "zod";
import type { RawEvent } from "../rooms/rawEvent.ts";
import type { RoomState } from "../rooms/roomState.ts";

type Parsed<Name extends string, Content> = {
  readonly contents: ReadonlyMap<Name, Content>;
  /** The state keys of what a newer version wrote. */
  readonly newer: ReadonlySet<Name>;
};

/**
 * One type of the organisation's state, parsed: each event once, when it comes. As long as no event of the type has
 * changed, what is given is the very same map, so that whoever compares need not look into it.
 */
export class ParsedState<S extends z.ZodType, Name extends string = string> {
  readonly #definition: Versioned<S> & { readonly type: string };
  readonly #mayWrite: (event: RawEvent, bot: UserId) => boolean;
  readonly #readAs: typeof readContent<S>;
  readonly #contents = new WeakMap<RawEvent, Read<z.infer<S>>>();
  readonly #maps = new WeakMap<
    ReadonlyMap<string, RawEvent>,
    Parsed<Name, z.infer<S>> & { readonly bot: UserId }
  >();

  /**
   * @param mayWrite what anybody else wrote is left out, as is what can't be read
   * @param readAs left out: any version that was ever written, as the newest
   */
  constructor(
    definition: Versioned<S> & { readonly type: string },
    mayWrite: (event: RawEvent, bot: UserId) => boolean,
    readAs: typeof readContent<S> = readContent,
  ) {
    this.#readAs = readAs;
    this.#definition = definition;
    this.#mayWrite = mayWrite;
  }

  /** By state key. */
  of(state: RoomState, bot: UserId): ReadonlyMap<Name, z.infer<S>> {
    return this.#parsed(state, bot).contents;
  }

  /** What is left out because a newer version wrote it, by state key. */
  newerIn(state: RoomState, bot: UserId): ReadonlySet<Name> {
    return this.#parsed(state, bot).newer;
  }

  #parsed(state: RoomState, bot: UserId): Parsed<Name, z.infer<S>> {
    const events = state.ofType(this.#definition.type);
    const known = this.#maps.get(events);
    if (known?.bot === bot) return known;
    const contents = new Map<Name, z.infer<S>>();
    const newer = new Set<Name>();
    for (const [stateKey, event] of events) {
      if (!this.#mayWrite(event, bot)) continue;
      const read = this.#read(event);
      if (read.ok) contents.set(stateKey as Name, read.content);
      else if (read.reason === "newer_version") newer.add(stateKey as Name);
    }
    const parsed = { bot, contents, newer };
    this.#maps.set(events, parsed);
    return parsed;
  }

  #read(event: RawEvent): Read<z.infer<S>> {
    const known = this.#contents.get(event);
    if (known) return known;
    const read = this.#readAs(this.#definition, event.content);
    this.#contents.set(event, read);
    return read;
  }
}
