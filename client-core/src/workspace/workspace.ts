import type { CommandArg, CommandValue, Outcome } from "../contract/index.ts";
import type { SignedInSession, Workspace, WorkspaceCommand } from "../session/api.ts";
import { good, toOutcome } from "../session/failures.ts";
import { commandsOf, type Commands } from "./commands.ts";
import { Parts, type PartsOptions } from "./parts.ts";
import { lookAtIdentities, reactionsOf } from "./reactions.ts";
import { background } from "./background.ts";
import { viewsOf } from "./views.ts";

export type StartOptions = Omit<PartsOptions, "onOpened">;

/**
 * What happens once somebody is signed in: what comes in goes to the book, what the book says goes to views, what people
 * ask goes out. Here is the order in which it opens, starts and stops; `parts.ts` puts the parts together, `views.ts` and
 * `reactions.ts` say who reads what, `commands.ts` who does what people ask.
 */
export class HearthWorkspace implements Workspace {
  readonly #parts: Parts;
  readonly #commands: Commands;
  #disposed: Promise<void> | undefined;

  readonly #showAll: () => void;

  private constructor(session: SignedInSession, options: StartOptions) {
    const parts: Parts = new Parts(session, {
      ...options,
      onOpened: () => background(parts.session, "looking at identities", lookAtIdentities(parts)),
    });
    const { readers, all } = viewsOf(parts);
    this.#parts = parts;
    this.#commands = commandsOf(parts);
    this.#showAll = all;
    parts.commits.add(...readers);
  }

  static async open(session: SignedInSession, options: StartOptions = {}): Promise<HearthWorkspace> {
    const workspace = new HearthWorkspace(session, options);
    try {
      await workspace.#load();
    } catch (error) {
      // It is tried again on the same session: nothing of this one may listen along then.
      await workspace.dispose();
      throw error;
    }
    return workspace;
  }

  async #load(): Promise<void> {
    const { aliases, outbox, devices, roster, book, access, keys, commits } = this.#parts;
    await aliases.load();
    await outbox.load();
    await devices.load();
    await roster.load();
    // By what was stored: who is listed later is new.
    commits.add(...reactionsOf(this.#parts));
    await book.load();
    await access.load();
    // Before anything is shown: what went past the window while this device was off.
    await keys.pruner.start();
  }

  start(): void {
    const { session, sync, commits } = this.#parts;
    const { stopped, log } = session;
    if (stopped.aborted) return;
    stopped.addEventListener("abort", () => void this.dispose(), { once: true });
    sync.connection.onChange(() => commits.tell(["connection"]));
    this.#showAll();
    commits.open();
    // Not awaited: without a server it takes long, and what is stored can be read meanwhile.
    sync.start().catch((error: unknown) => log("error", "sync could not start", error));
  }

  openRooms(): string[] {
    return this.#parts.openRooms.ids;
  }

  async run<Name extends WorkspaceCommand>(
    name: Name,
    arg: CommandArg<Name>,
  ): Promise<Outcome<CommandValue<Name>>> {
    try {
      return good(await this.#commands[name](arg));
    } catch (error) {
      const outcome = toOutcome(error);
      if (!outcome.ok && outcome.code === "unexpected")
        this.#parts.session.log("error", `command ${name} failed`, error);
      return outcome;
    }
  }

  dispose(): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const {
      sync,
      snapshots,
      lifecycle,
      roster,
      rotateAsks,
      wipes,
      devices,
      lateKeys,
      keys,
      decryptor,
      access,
    } = this.#parts;
    const quiet = sync.stop();
    snapshots.dispose();
    lifecycle.dispose();
    rotateAsks.dispose();
    roster.dispose();
    wipes.dispose();
    devices.dispose();
    lateKeys.dispose();
    decryptor.dispose();
    await access.dispose(quiet);
    // Not before the last answer is taken in: a key that came with it, and of which nobody took note, would stay.
    keys.pruner.dispose();
    this.#parts.close();
  }
}
