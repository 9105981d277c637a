import { Duty, RoomId, UserId, type OrgDeed } from "@hearth/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { OrgCommands } from "./orgCommands.ts";
import { OwnProfile } from "./ownProfile.ts";

/** The bot, as far as it is asked. */
class FakeBot {
  readonly asked: unknown[] = [];
  async ask(name: string, args: unknown): Promise<Readonly<Record<string, unknown>>> {
    this.asked.push([name, args]);
    return Promise.resolve({ done: true });
  }
}

function commands(storage: "bucket" | "shared" = "bucket") {
  const bot = new FakeBot();
  const session = { storageKind: storage };
  const parts = [session, { bot }, undefined, () => undefined] as unknown as ConstructorParameters<
    typeof OrgCommands
  >;
  return { bot, org: new OrgCommands(...parts) };
}

test("[C5] what a screen asks for is read by the catalogue, and sent as it was read", async () => {
  const { bot, org } = commands();
  expect(await org.do({ name: "policy set", args: { name: "  Ours ", key_window: "P7D" } })).toEqual({
    done: true,
  });
  expect(bot.asked).toEqual([["policy set", { name: "Ours", key_window: "P7D" }]]);
});

test("[C5] what is not valid is not sent, and the sentence is that of the argument", async () => {
  const { bot, org } = commands();
  const said = (deed: OrgDeed) =>
    org.do(deed).then(
      () => "done",
      (error: Error) => error.message,
    );
  expect(await said({ name: "policy set", args: { lease: "soon" } })).toMatch(/^A duration is written like/);
  expect(await said({ name: "policy set", args: { lock_wipe_after: "3" } })).toMatch(/from 5 to 100/);
  expect(await said({ name: "invite revoke", args: { invite: "none" } })).toBe("There is no such invite.");
  expect(bot.asked).toEqual([]);
});

test("[C5] a deed of a feature's own, what is only typed, and what there is not, are refused", async () => {
  const { bot, org } = commands();
  const user = "@sam:hearth.localhost";
  const others = [
    { name: "role grant", args: { user, role: "admin" } },
    { name: "member remove", args: { user } },
    { name: "wipe", args: { user } },
    { name: "roster sign", args: {} },
    { name: "fly", args: {} },
    { name: "toString", args: {} },
  ];
  for (const deed of others)
    await expect(org.do(deed as unknown as OrgDeed)).rejects.toMatchObject({ code: "refused" });
  expect(bot.asked).toEqual([]);
});

test("nobody shuts out the browser that they sit at", async () => {
  const { bot, org } = commands("shared");
  await expect(org.do({ name: "policy set", args: { device_storage: "own" } })).rejects.toMatchObject({
    code: "conflict",
  });
  expect(bot.asked).toEqual([]);
});

test("[T8] duty and a profile are changed, and what a later version has written beside them stays", async () => {
  const later = fc.dictionary(
    fc.string().map((name) => `later_${name}`),
    fc.jsonValue(),
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(later, fc.boolean(), async (more, onDuty) => {
      const userId = UserId.parse("@fay:x");
      const written: unknown[] = [];
      const request = (method: string, _path: string, body?: unknown) => {
        if (method === "PUT") written.push(body);
        return Promise.resolve({ v: 1, display_name: "Fay", bio: "Days", cannot_forget: ["OLD"], ...more });
      };
      const session = { userId, now: () => 5, request };
      const duty = new Map([[userId, { ...Duty.example, ...more }]]);
      const org = () => ({ roomId: RoomId.parse("!org"), duty });
      const parts = [
        session,
        { bot: undefined, ownProfile: new OwnProfile(session as never) },
        undefined,
        org,
      ];
      const commands = new OrgCommands(...(parts as unknown as ConstructorParameters<typeof OrgCommands>));
      await commands.setDuty({ onDuty });
      await commands.saveProfile({ displayName: "Fay F." });
      expect(written).toEqual([
        { v: 1, on_duty: onDuty, since: 5, ...more },
        { v: 1, display_name: "Fay F.", cannot_forget: ["OLD"], ...more },
      ]);
    }),
  );
});
