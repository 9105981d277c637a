import { describe, expect, it } from "vitest";
import { MOST_WRONG_SECRETS, whyClose } from "./onboarding.ts";
import { readOrgState } from "./org/state.ts";
import { readRoom } from "./rooms/view.ts";
import { BOT, event, NOW, orgEvents, outsider, responder, roomEvents } from "./testing/org.ts";

const org = readOrgState(
  [...orgEvents(), event(responder, "org.hearth.profile", { v: 1, display_name: "R" }, { key: responder })],
  BOT,
);
const answer = (code: string) =>
  event(BOT, "org.hearth.result", { v: 1, command_id: "A".repeat(22), ok: false, code, message: "no" });

function judge(newcomer: typeof outsider, membership: string, answers: ReturnType<typeof event>[]) {
  const room = readRoom(
    "!new" as never,
    roomEvents("org.hearth.onboarding", newcomer, { [newcomer]: membership, [BOT]: "join" }),
  );
  if (!room) throw new Error("no room");
  return whyClose(room, org, answers, NOW);
}

describe("whyClose", () => {
  it("keeps the room while the newcomer is under way", () => {
    expect(judge(outsider, "join", [])).toBeUndefined();
    const tries = Array.from({ length: MOST_WRONG_SECRETS - 1 }, () => answer("wrong_secret"));
    expect(judge(outsider, "join", [...tries, answer("expired"), answer("internal")])).toBeUndefined();
  });

  it("closes it when they have arrived, have gone, or guess", () => {
    expect(judge(responder, "join", [])).toContain("arrived");
    expect(judge(outsider, "leave", [])).toContain("left");
    const tries = Array.from({ length: MOST_WRONG_SECRETS }, () => answer("wrong_secret"));
    expect(judge(outsider, "join", tries)).toContain("wrong secrets");
  });
});
