import { InviteId } from "@hearth/protocol";
import { expect, test } from "vitest";
import type { RecordChange } from "../../session/api.ts";
import { RosterAdmin, type RosterAdminDeps } from "./admin.ts";

/** Records that take a moment, as a disk does. */
class FakeRecords {
  readonly stored = new Map<string, unknown>();
  async get(collection: string, key: string): Promise<unknown> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    return this.stored.get(`${collection} ${key}`);
  }
  async write(changes: readonly RecordChange[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    for (const change of changes) this.stored.set(`${change.collection} ${change.key}`, change.value);
  }
}

test("[P8] of invites that are made side by side none is forgotten: each newcomer's proof can be checked", async () => {
  const records = new FakeRecords();
  const admin = new RosterAdmin({ session: { records } } as unknown as RosterAdminDeps);
  const invites = ["a", "b", "c"].map((letter) => InviteId.parse(letter.repeat(22)));
  await Promise.all(invites.map((invite) => admin.remember(invite, "s".repeat(43), ["responder"])));
  expect(records.stored.get("madeInvites all")).toMatchObject(invites.map((invite) => ({ invite })));
});
