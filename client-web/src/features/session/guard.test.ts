import { describe, expect, it } from "vitest";
import { ROUTES } from "../../routes.ts";
import { decide } from "./guard.ts";

describe("which page a session sees", () => {
  it("nobody signed in gets no further than sign-in, join and help", () => {
    for (const route of ROUTES) {
      const decision = decide({ kind: "signed_out" }, route);
      if (["/sign-in/", "/join/", "/help/"].includes(route)) expect(decision).toEqual({ show: "page" });
      else expect(decision).toEqual({ go: "/sign-in/" });
    }
  });

  it("a locked session shows no page but help", () => {
    const locked = { kind: "locked", userId: "@demo:example.org", message: "" } as const;
    for (const route of ROUTES)
      expect(decide(locked, route)).toEqual({ show: route === "/help/" ? "page" : "locked" });
  });

  it("under the app lock no page is seen but help", () => {
    for (const route of ROUTES)
      expect(decide({ kind: "app_locked", failed: 0 }, route)).toEqual({
        show: route === "/help/" ? "page" : "app_locked",
      });
  });

  it("encryption comes before everything else", () => {
    expect(decide({ kind: "setup", step: "new" }, "/requests/")).toEqual({ go: "/setup/" });
    expect(decide({ kind: "setup", step: "new" }, "/setup/")).toEqual({ show: "page" });
  });

  it("every decision to go leads to a page that is shown, in every phase", () => {
    for (const phase of [
      { kind: "signed_out" },
      { kind: "joining" },
      { kind: "setup", step: "unlock" },
      { kind: "ready" },
    ] as const)
      for (const route of ROUTES) {
        const decision = decide(phase, route);
        if ("go" in decision) expect(decide(phase, decision.go)).toEqual({ show: "page" });
      }
  });

  it("an address that is no page of ours is shown as such", () => {
    expect(decide({ kind: "signed_out" }, "/nowhere/")).toEqual({ show: "page" });
  });
});
