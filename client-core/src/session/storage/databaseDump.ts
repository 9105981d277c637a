import { create, openThere, readLayout } from "./copyDatabase.ts";
import type { StoreLayout } from "./copyDatabase.ts";

type Place = { readonly factory: IDBFactory; readonly name: string };

/** A database as values: its version, and each object store with its layout, keys and rows. */
export type DatabaseDump = {
  readonly version: number;
  readonly stores: readonly (StoreLayout & {
    readonly keys: readonly IDBValidKey[];
    readonly values: readonly unknown[];
  })[];
};

/** @throws when there is no such database */
export async function dumpDatabase(from: Place): Promise<DatabaseDump> {
  const database = await openThere(from);
  try {
    const stores = await Promise.all(
      readLayout(database).map(async (layout) => {
        const { store } = database.transaction(layout.name);
        const [keys, values] = await Promise.all([
          store.getAllKeys(),
          store.getAll() as Promise<readonly unknown[]>,
        ]);
        return { ...layout, keys, values };
      }),
    );
    return { version: database.version, stores };
  } finally {
    database.close();
  }
}

/** @param to must not exist */
export async function loadDatabase({ version, stores }: DatabaseDump, to: Place): Promise<void> {
  const database = await create(to, version, stores);
  try {
    for (const { name, options, keys, values } of stores) {
      const writing = database.transaction(name, "readwrite");
      const inline = options.keyPath !== null;
      // A failed put aborts the transaction, whose `done` says why.
      for (const [i, key] of keys.entries())
        (inline ? writing.store.put(values[i]) : writing.store.put(values[i], key)).catch(() => {});
      await writing.done;
    }
  } finally {
    database.close();
  }
}
