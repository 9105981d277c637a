import { Profile, RoomId, UserId, type ProfileContent } from "@hearth/protocol";
import { expect, test } from "vitest";
import { HttpFailure } from "../session/api.ts";
import { OwnProfile } from "./ownProfile.ts";

const ROOM = RoomId.parse("!org");
const named = (more: object) => Profile.schema.parse({ v: 1, display_name: "Fay", ...more });

/** A homeserver that keeps one profile, and what it was asked. */
function server(stored?: unknown) {
  const asked: string[] = [];
  const kept = { profile: stored };
  const request = (method: string, _path: string, body?: object): Promise<unknown> => {
    asked.push(method);
    if (method === "PUT") kept.profile = body;
    else if (kept.profile === undefined) return Promise.reject(new HttpFailure(404, "M_NOT_FOUND", "none"));
    return Promise.resolve(kept.profile);
  };
  const session = { userId: UserId.parse("@fay:x"), request: request as never };
  return { own: new OwnProfile(session), asked, kept };
}

test("a change keeps what others wrote meanwhile, two at once included", async () => {
  const { own, kept } = server(named({ cannot_forget: ["OLD"] }));
  await Promise.all([
    own.change(ROOM, (now) => named({ ...now, bio: "Nights" })),
    own.change(ROOM, (now) => named({ ...now, cannot_forget: ["OLD", "PHONE"] })),
    own.change(ROOM, (now) => named({ ...now, pronouns: "they" })),
  ]);
  expect(kept.profile).toEqual(named({ bio: "Nights", cannot_forget: ["OLD", "PHONE"], pronouns: "they" }));
});

test("none yet, and one that is malformed, count as none", async () => {
  for (const stored of [undefined, { v: 1, display_name: 7 }]) {
    const seen: (ProfileContent | undefined)[] = [];
    const { own, kept } = server(stored);
    await own.change(ROOM, (now) => {
      seen.push(now);
      return named({});
    });
    expect(seen).toEqual([undefined]);
    expect(kept.profile).toEqual(named({}));
  }
});

test("a change that wants nothing writes nothing, and one that fails does not hold up the next", async () => {
  const { own, asked } = server(named({}));
  await own.change(ROOM, () => undefined);
  await expect(
    own.change(ROOM, () => {
      throw new Error("no");
    }),
  ).rejects.toThrow("no");
  await own.change(ROOM, () => undefined);
  expect(asked).toEqual(["GET", "GET", "GET"]);
});

test("[T8] what a later version has written in a profile survives a change of it, and a later profile is not written over", async () => {
  const { own, kept } = server({ ...named({}), mood: { is: "calm" } });
  await own.change(ROOM, (now) => now && { ...now, bio: "Nights" });
  expect(kept.profile).toEqual({ ...named({ bio: "Nights" }), mood: { is: "calm" } });
  const newer = server({ v: 2, name: { shown: "Fay" } });
  await expect(newer.own.change(ROOM, () => named({}))).rejects.toMatchObject({ code: "conflict" });
  expect(newer.asked).toEqual(["GET"]);
});
