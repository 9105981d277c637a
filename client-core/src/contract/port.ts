import type { CommandArg, CommandName, CommandValue } from "./commands.ts";
import type { Outcome } from "./outcome.ts";
import type { Slice, Views } from "./views.ts";

/**
 * The client as its host sees it, in a worker, in Electron or in Node alike. Commands go in, view snapshots come
 * out; nothing else crosses.
 */
export interface ClientPort {
  /** Never rejects: failure is a value. */
  run<Name extends CommandName>(name: Name, arg: CommandArg<Name>): Promise<Outcome<CommandValue<Name>>>;
  /** The newest snapshot of a slice, or undefined before the first. */
  view<S extends Slice>(slice: S): Views[S] | undefined;
  /** Calls back after each change of the slice. Returns the way to stop. */
  subscribe(slice: Slice, listener: () => void): () => void;
  /** Stops the client and frees what it holds. Keys and data stay stored. */
  dispose(): Promise<void>;
}

/** Messages to a worker. */
export type ToWorker =
  | { kind: "start"; origin: string }
  | { kind: "run"; call: number; name: CommandName; arg: unknown }
  | { kind: "dispose" };

/** Messages from a worker. */
export type FromWorker =
  /** No value: the slice is no longer published. */
  | { kind: "view"; slice: Slice; value: Views[Slice] | undefined }
  | { kind: "answer"; call: number; outcome: Outcome<unknown> }
  | { kind: "disposed" };
