/** A place where something of a session is stored, as a start finds it. */
export type Stored = {
  readonly name: string;
  /** Whether a root key lies there. It is written last, so what has one is whole. */
  readonly hasKey: boolean;
  /** The place that this one was made to take over from. */
  readonly replaces?: string | undefined;
};

/**
 * Which of the places is the session, after whatever interrupted a sign-in, a storage rotation or a sign-out: the one that is whole
 * and that no whole one replaces. Without any, one that lost its key: it says that there was a session.
 * @returns `leftovers` can go: nobody can read them, or all that they hold was copied
 */
export function chooseStored<S extends Stored>(found: readonly S[]): { current?: S; leftovers: S[] } {
  const whole = found.filter(({ hasKey }) => hasKey);
  const replaced = new Set(whole.map(({ replaces }) => replaces));
  const current = whole.find(({ name }) => !replaced.has(name)) ?? found.at(-1);
  const leftovers = found.filter((each) => each !== current && (!each.hasKey || replaced.has(each.name)));
  return current ? { current, leftovers } : { leftovers };
}
