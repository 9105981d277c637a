import type { PolicyContent } from "@hearth/protocol";

/** Who is who, as the workspace knows it now. */
export interface People {
  /** The name that the team knows somebody by; the user id for a stranger. */
  nameOf(userId: string): string;
  isMember(userId: string): boolean;
}

const NOBODY: People = { nameOf: (userId) => userId, isMember: () => false };

/**
 * What only the workspace knows and the session acts by: the org's policy, and its people. By this road alone: the session
 * reads no view that the workspace publishes.
 */
export class FromWorkspace {
  /** That the list of requests on the screens is whole; a storage rotation leaves it standing. */
  listIsWhole = false;
  #policy: PolicyContent | undefined;
  #people: People = NOBODY;
  readonly #onPolicy = new Set<() => void>();
  readonly #onPeople = new Set<() => void>();

  /** Undefined until the workspace has read the org. */
  get policy(): PolicyContent | undefined {
    return this.#policy;
  }

  get people(): People {
    return this.#people;
  }

  setPolicy(policy: PolicyContent): void {
    if (JSON.stringify(policy) === JSON.stringify(this.#policy)) return;
    this.#policy = policy;
    for (const listener of this.#onPolicy) listener();
  }

  /** Also when what it says of them, or the roster, has changed. */
  setPeople(people: People): void {
    this.#people = people;
    for (const listener of this.#onPeople) listener();
  }

  /** @returns what ends that */
  onPolicy(listener: () => void): () => void {
    this.#onPolicy.add(listener);
    return () => this.#onPolicy.delete(listener);
  }

  /** @returns what ends that */
  onPeople(listener: () => void): () => void {
    this.#onPeople.add(listener);
    return () => this.#onPeople.delete(listener);
  }

  /** Of another session nothing is known. */
  forget(): void {
    this.listIsWhole = false;
    this.#policy = undefined;
    this.#people = NOBODY;
  }
}
