import { DEFAULT_ROLES } from "@hearth/protocol";
import { describe, expect, it } from "vitest";
import { readOrgState, stateName } from "./org/state.ts";
import { planOrgState } from "./setup.ts";
import { admin, BOT, event, orgEvents } from "./testing/org.ts";

describe("planOrgState", () => {
  it("gives an org its policy, its lists and the default roles", () => {
    const plan = planOrgState(new Set(), "Team");
    expect(plan.filter(({ type }) => type === "org.hearth.role").map(({ key }) => key)).toEqual(
      Object.keys(DEFAULT_ROLES),
    );
    const org = readOrgState(orgEvents(), BOT);
    expect(org.unreadable).toEqual([]);
    expect(org.policy?.name).toBe("Team");
    expect(org.roles.size).toBe(Object.keys(DEFAULT_ROLES).length);
  });

  it("writes only what is missing, whatever an admin made of the rest", () => {
    expect(planOrgState(readOrgState(orgEvents(), BOT).present, "Renamed")).toEqual([]);
    const present = new Set(planOrgState(new Set(), "Team").map(({ type, key }) => stateName(type, key)));
    present.delete(stateName("org.hearth.role", "responder"));
    expect(planOrgState(present, "Team")).toMatchObject([{ key: "responder" }]);
  });
});

describe("readOrgState", () => {
  it("[P9] believes nobody but the bot, and lists what it can't read", () => {
    const org = readOrgState(
      [
        ...orgEvents(),
        event(admin, "org.hearth.policy", { v: 1 }, { key: "" }),
        event(BOT, "org.hearth.member", { v: 2 }, { key: "future:example.test" }),
      ],
      BOT,
    );
    expect(org.policy?.name).toBe("Team");
    expect(org.unreadable).toEqual(["org.hearth.member future:example.test"]);
  });
});
