import type { SessionView } from "../contract/index.ts";
import { FromWorkspace } from "./fromWorkspace.ts";
import type { PublishedViews } from "./views.ts";

const FIRST: SessionView = {
  phase: { kind: "starting" },
  permissions: [],
  isAdmin: false,
  connection: { kind: "connecting" },
  storage: "memory",
};

/**
 * What the session is in: its phase, whose it is, how it stores. Whoever decides by it asks here; the slice `session` is a
 * picture of it, which nobody reads back.
 */
export class SessionState {
  /** What the workspace has told, for as long as what it shows stands. */
  readonly told = new FromWorkspace();
  readonly #views: PublishedViews;
  #current: SessionView = FIRST;

  constructor(views: PublishedViews) {
    this.#views = views;
    this.replace(FIRST);
  }

  get current(): SessionView {
    return this.#current;
  }

  patch(change: Partial<SessionView>): void {
    this.replace({ ...this.#current, ...change });
  }

  /** As `patch`, and says nothing where nothing differs. */
  describe(change: Partial<SessionView>): void {
    const next = { ...this.#current, ...change };
    if (JSON.stringify(next) !== JSON.stringify(this.#current)) this.replace(next);
  }

  replace(next: SessionView): void {
    this.#current = next;
    this.#views.set("session", next);
  }

  /** Shows a phase. Every one but `ready` shows nothing of an org or a room. */
  show(phase: SessionView["phase"]): void {
    this.reset();
    this.patch({ phase, permissions: [], isAdmin: false });
  }

  /** Nothing of an org or a room stays, on screens or in here. */
  reset(): void {
    this.#views.reset();
    this.told.forget();
  }
}
