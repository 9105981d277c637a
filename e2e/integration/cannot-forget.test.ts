import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { deleteDevice } from "../support/server.ts";
import { must, startWorld, waitForView } from "../support/world.ts";
import type { Member, World } from "../support/world.ts";

let world: World;
let admin: Member;

beforeAll(async () => {
  world = await startWorld({ web: false });
  admin = await world.member("First Admin", ["admin"]);
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

type Place = Awaited<ReturnType<MemoryStorage["create"]>>;

/** Stands for a browser without storage buckets: it says of itself that it shares its storage, and can't move. */
class SharedStorage extends MemoryStorage {
  override async find() {
    const place = await super.find();
    return place && shared(place);
  }
  override async create() {
    return shared(await super.create());
  }
}

function shared({ successor: _, ...place }: Place): Place {
  return { ...place, kind: "shared" };
}

async function signedIn(member: Member, storage: MemoryStorage) {
  const client = await createNodeClient({ baseUrl: world.instance.webUrl, storage });
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  return client;
}

const sees = (member: Member, count: number | undefined) =>
  waitForView(
    admin.client,
    "team",
    ({ members }) => members.find((each) => each.userId === member.userId)?.cannotForget === count,
    `the admin sees ${count} devices that can't forget`,
  );

test("[P7] a device that can't forget for sure is named to the admins, and a policy may refuse it", async () => {
  const member = await world.member("Rio Responder", ["responder"]);
  await must(member.client, "session.signOut", {});
  const storage = new SharedStorage();
  const client = await signedIn(member, storage);
  await sees(member, 1);
  // A profile that is saved afterwards keeps saying so.
  await must(client, "profile.save", { displayName: "Rio Responder", bio: "Saved again" });
  const saved = await waitForView(
    admin.client,
    "team",
    ({ members }) => members.some((each) => each.bio === "Saved again"),
    "the profile came",
  );
  expect(saved.members.find((each) => each.userId === member.userId)?.cannotForget).toBe(1);

  const deviceId = client.view("session")?.deviceId ?? "";
  await must(admin.client, "policy.set", { device_storage: "own" });
  const { phase } = await waitForView(
    client,
    "session",
    (view) => view.phase.kind === "signed_out" && view.phase.notice !== undefined,
    "it is refused",
  );
  expect(phase).toMatchObject({ notice: expect.stringContaining("can forget for sure") as string });
  expect(await storage.peek()).toBeUndefined();
  // It tells the server for a few seconds only, and then the next one would take it for one of those that there are.
  await deleteDevice(world.instance, member.userId, deviceId);

  // Another one is welcome, and takes back what was said of a device that is gone.
  const other = await signedIn(member, new MemoryStorage());
  await waitForView(other, "session", (view) => view.phase.kind === "ready", "it is in");
  await sees(member, undefined);
  expect(other.view("session")?.phase.kind).toBe("ready");

  // It is refused again if it comes again, as soon as the policy is known there.
  await must(client, "session.signIn", { userName: member.userName, password: member.password });
  await must(client, "encryption.unlock", { recoveryKey: member.recoveryKey });
  await waitForView(client, "session", (view) => view.phase.kind === "signed_out", "it is refused again");
  await must(admin.client, "policy.set", { device_storage: "any" });
  await Promise.all([client.dispose(), other.dispose()]);
});
