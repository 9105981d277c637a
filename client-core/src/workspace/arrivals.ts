import type { RoomBook } from "../rooms/roomBook.ts";
import type { SignedInSession } from "../session/api.ts";
import type { Commits } from "../store/commit.ts";
import type { RoomUpdate } from "./sync.ts";

/** Takes in what sync brings, and knows how much of it there was. */
export class Arrivals {
  readonly #book: () => RoomBook;
  readonly #commits: Commits;
  readonly #session: Pick<SignedInSession, "stopped" | "told">;
  #responses = 0;
  #isWhole = false;
  #complete = false;

  constructor(book: () => RoomBook, commits: Commits, session: Pick<SignedInSession, "stopped" | "told">) {
    this.#book = book;
    this.#commits = commits;
    this.#session = session;
  }

  /** How many sync responses there have been. */
  get responses(): number {
    return this.#responses;
  }

  /** Whether the server has told of every room since the start, and all of that is written. */
  get complete(): boolean {
    return this.#complete;
  }

  /** @param complete whether this response and those before it had every room */
  async take(updates: readonly RoomUpdate[], complete: boolean): Promise<void> {
    const book = this.#book();
    this.#responses += 1;
    const first = complete && !this.#isWhole;
    this.#isWhole ||= complete;
    await book.take(updates, first);
    if (first) {
      await book.flush();
      if (this.#session.stopped.aborted) return;
      this.#complete = true;
      this.#session.told.listIsWhole = true;
      this.#commits.tell(["synced"]);
    }
    this.#commits.tell(["answered"]);
  }
}
