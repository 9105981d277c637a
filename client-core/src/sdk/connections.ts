/**
 * The connections that a library opened to the databases of a factory. It closes them when it lets go of its last handle,
 * and those that it forgot (about devices, identities, comparisons) only when garbage is collected, perhaps minutes later:
 * nobody can move or delete a store until then.
 */
const recorded = new WeakMap<IDBFactory, Map<string, Set<WeakRef<IDBDatabase>>>>();

/** Remembers whatever is opened through this factory from now on. Once more does nothing. */
export function recordConnections(factory: IDBFactory): void {
  if (recorded.has(factory)) return;
  const connections = new Map<string, Set<WeakRef<IDBDatabase>>>();
  recorded.set(factory, connections);
  const open = factory.open.bind(factory);
  factory.open = (name, ...version) => {
    const request = open(name, ...version);
    request.addEventListener("success", () => {
      const those = (connections.get(name) ?? new Set()).add(new WeakRef(request.result));
      connections.set(name, those);
    });
    return request;
  };
}

/** Closes what was recorded of a database, after what is being written. Whoever still uses it gets an error. */
export function closeConnections(factory: IDBFactory, name: string): void {
  const those = recorded.get(factory)?.get(name) ?? [];
  recorded.get(factory)?.delete(name);
  for (const connection of those) connection.deref()?.close();
}
