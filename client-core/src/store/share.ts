/**
 * The newer of two values, with every part that is as it was taken from the older one: what has not changed keeps its
 * identity, so that a screen need not draw it again. Values are JSON; members of a list are told apart by their id.
 * @returns `before` itself when nothing differs
 */
export function share<T>(before: unknown, next: T): T {
  if (Object.is(before, next)) return next;
  if (Array.isArray(before) && Array.isArray(next)) return shareList(before, next) as T;
  if (isObject(before) && isObject(next)) return shareObject(before, next) as T;
  return next;
}

function shareList(before: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  const byId = new Map(before.flatMap((one) => (idOf(one) === undefined ? [] : [[idOf(one), one]])));
  const shared = next.map((one, i) => share(idOf(one) === undefined ? before[i] : byId.get(idOf(one)), one));
  return shared.length === before.length && shared.every((one, i) => one === before[i]) ? before : shared;
}

function shareObject(before: Fields, next: Fields): Fields {
  const shared = Object.fromEntries(
    Object.entries(next).map(([name, value]) => [name, share(before[name], value)]),
  );
  const names = Object.keys(shared);
  const same =
    names.length === Object.keys(before).length &&
    names.every((name) => Object.hasOwn(before, name) && shared[name] === before[name]);
  return same ? before : shared;
}

type Fields = Record<string, unknown>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What tells a row from its neighbours, in the views that have rows. */
const IDS = ["roomId", "userId", "localId", "inviteId", "target", "request", "deviceId", "id"];

function idOf(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const name = IDS.find((each) => typeof value[each] === "string");
  return name === undefined ? undefined : `${name} ${value[name] as string}`;
}
