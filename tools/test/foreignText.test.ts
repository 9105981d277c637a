import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

/**
 * What others wrote, by what our sources call it. People's names come isolated from `nameOf`; the rest is only clean, and
 * is isolated where it is put into a sentence.
 */
const NAMES = String.raw`\b(?:member|other|ask|person|notice|me)\.(?:name|byName)\b|\w*[sS]enderName\b|\bnameOf\(`;
const OTHERS = String.raw`\bdevice\.name\b|\bdeviceName\b|\borg\.name\b|\brole\.name\b|\broleName\(|\binvite\.note\b|\bask\.reason\b|\brow\.(?:title|location)\b|\bclosed\.outcome\b|\bfields\.\w+`;
const IN_MARKUP = new RegExp(
  String.raw`(?<![=$\w(])\{(?:[^{}\n]*\? "[^"]*" : )?(?:${NAMES}|${OTHERS})[^{}\n]*\}`,
  "g",
);
const IN_TEMPLATE = new RegExp(String.raw`\$\{(?:${OTHERS})[^{}]*\}`, "g");

/** Sentences of a source in which something foreign may turn round what stands beside it. */
function forgotten(source: string): string[] {
  const bare = [...source.matchAll(IN_MARKUP)].filter(({ 0: it, index }) => {
    const before = source.slice(0, index).trimEnd();
    return (
      !/<bdi[^<>]*>$/u.test(before) &&
      !/<[^<>]*\bdir=("auto"|\{\w+\})[^<>]*>$/u.test(before) &&
      !it.includes("isolated(") &&
      // An argument, or the body of a function: no markup.
      !/(?:=>|[=:,(])$/u.test(before) &&
      !it.includes(": ")
    );
  });
  return [...bare, ...source.matchAll(IN_TEMPLATE)].map(({ 0: it }) => it);
}

const sources = globSync(["client-web/src/**/*.{ts,tsx}", "client-core/src/**/*.ts"]).filter(
  (file) => !file.includes(".test.") && !file.includes("testing"),
);

describe("[P9] what others wrote turns no sentence of ours round", () => {
  test("the rule finds what it is for", () => {
    expect(forgotten("<p>Sign out {device.name} now</p>")).toEqual(["{device.name}"]);
    expect(forgotten("<b>{nameOf(order.by)}</b>")).toEqual(["{nameOf(order.by)}"]);
    expect(forgotten("say(`${device.name} is out`)")).toEqual(["${device.name}"]);
    expect(
      forgotten("<b><bdi>{member.name}</bdi></b> `${isolated(device.name)} is out` title={member.name}"),
    ).toEqual([]);
  });

  test("no source forgets it", () => {
    const found = sources.flatMap((file) =>
      forgotten(readFileSync(file, "utf8")).map((sentence) => `${file}: ${sentence}`),
    );
    expect(sources.length).toBeGreaterThan(300);
    expect(found).toEqual([]);
  });

  test("a field for words has a direction", () => {
    const fields = sources.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/<(?:TextArea|Input|textarea|input)\b(?:=>|[^<>])*>/gu)].map(
        ([it]) => it,
      ),
    );
    expect(fields.length).toBeGreaterThan(3);
    expect(
      fields.filter((it) => !/\bdir=/u.test(it) && !/type="(?:checkbox|radio|file|hidden)"/u.test(it)),
    ).toEqual([]);
  });
});
