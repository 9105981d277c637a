import { describe, expect, it } from "vitest";
import { loadJudge } from "./strength.ts";

describe("passwords", () => {
  it("asks for twelve characters, counting people's characters and not code units", async () => {
    const judge = await loadJudge();
    expect(judge("xK4!vPq9zL2", []).ok).toBe(false);
    expect(judge("xK4!vPq9zL2", []).words).toMatch(/^One more character/);
    expect(judge("🔥".repeat(11), []).ok).toBe(false);
  });

  it("refuses long ones that anybody would guess, and says what to do", async () => {
    const judge = await loadJudge();
    for (const bad of ["password1234", "qwertyuiopasdf", "aaaaaaaaaaaaaaaa", "123456789012"]) {
      const verdict = judge(bad, []);
      expect(verdict.ok).toBe(false);
      expect(verdict.words).toMatch(/words/);
    }
  });

  it("counts one's own name as easy to guess", async () => {
    const judge = await loadJudge();
    expect(judge("demoresponder", ["demoresponder"]).ok).toBe(false);
  });

  it("refuses what is longer than the server reads, by its bytes", async () => {
    const judge = await loadJudge();
    const words = "copper lantern walnut drizzle ";
    expect(judge(`${words}${"x".repeat(73 - words.length)}`, []).words).toMatch(/^Too long by 1:/);
    expect(judge(`${words}${"é".repeat(22)}`, []).words).toMatch(/^Too long by 2:/);
    expect(judge(`${words}plum orchard fig tin roof rain`, []).ok).toBe(true);
  });

  it("takes unrelated words", async () => {
    const judge = await loadJudge();
    expect(judge("copper lantern walnut drizzle", []).ok).toBe(true);
  });
});
