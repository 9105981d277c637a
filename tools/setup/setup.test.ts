import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, utimesSync, writeFileSync, existsSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockHolder, tryLock, withLock } from "./lock.mjs";
import { sentenceFor } from "./runChild.mjs";
import { hashFiles } from "./stamp.mjs";
import { parseStartOptions } from "./startOptions.mjs";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-setup-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what npm started ends when npm and its shell were ended", async () => {
  const module = JSON.stringify(new URL("./leftAlone.mjs", import.meta.url).href);
  const program = `
    const { endWithParent } = await import(${module});
    endWithParent();
    // Should it not be told, it ends all the same.
    const going = setTimeout(() => {}, 20_000);
    process.on("SIGTERM", () => { clearTimeout(going); console.log("told to end"); });
    console.log("running");
  `;
  const file = join(folder, "program.mjs");
  writeFileSync(file, program);
  // Not the shell's last command, or it would become the program instead of starting it.
  const shell = spawn("sh", ["-c", `"${process.execPath}" "${file}"; true`], {
    env: { ...process.env, npm_lifecycle_event: "start" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said: string[] = [];
  for await (const line of createInterface({ input: shell.stdout })) {
    said.push(line);
    if (line === "running") shell.kill("SIGTERM");
  }
  expect(said).toEqual(["running", "told to end"]);
});

describe("the lock", () => {
  test("is held by one, and given back", () => {
    const path = join(folder, "lock");
    const release = tryLock(path);
    expect(release).toBeDefined();
    expect(tryLock(path)).toBeUndefined();
    release?.();
    expect(existsSync(path)).toBe(false);
  });

  test("left behind by a process that is gone is taken over", () => {
    const path = join(folder, "lock");
    writeFileSync(path, JSON.stringify({ pid: 2 ** 30 }));
    const release = tryLock(path);
    expect(release).toBeDefined();
    expect(lockHolder(path)?.pid).toBe(process.pid);
    release?.();
  });

  test("that nobody has touched for long is taken over, although another process has its pid by now", () => {
    const path = join(folder, "lock");
    writeFileSync(path, JSON.stringify({ pid: process.ppid }));
    expect(tryLock(path)).toBeUndefined();
    utimesSync(path, new Date(0), new Date(0));
    const release = tryLock(path);
    expect(release).toBeDefined();
    release?.();
  });

  test("lets work wait for work, and says so once", async () => {
    const path = join(folder, "lock");
    const done: string[] = [];
    const release = tryLock(path);
    const told = Promise.withResolvers<number | undefined>();
    const second = withLock(
      path,
      (holder) => told.resolve(holder?.pid),
      () => {
        done.push("second");
      },
    );
    expect(await told.promise).toBe(process.pid);
    done.push("first");
    release?.();
    await second;
    expect(done).toEqual(["first", "second"]);
  });
});

describe("a failed child is explained", () => {
  test.each([
    ["npm error code EAI_AGAIN", /network/],
    ["WARNING: Retrying after connection broken by 'NewConnectionError'", /network/],
    ["OSError: [Errno 28] No space left on device", /disk is full/],
    ["npm error code EACCES", /may not be written/],
    ["something else", /^otherwise$/],
  ])("%s", (line, sentence) => {
    expect(sentenceFor([line], "otherwise")).toMatch(sentence);
  });
});

test("a stamp's hash changes with names and contents, and not with what is built or only tested", () => {
  const file = (name: string, text: string) => writeFileSync(join(folder, name), text);
  file("a.ts", "1");
  const first = hashFiles([folder]);
  file("a.test.ts", "2");
  expect(hashFiles([folder])).toBe(first);
  file("a.ts", "2");
  const second = hashFiles([folder]);
  expect(second).not.toBe(first);
  file("b.ts", readFileSync(join(folder, "a.ts"), "utf8"));
  expect(hashFiles([folder])).not.toBe(second);
});

describe("what npm start is told", () => {
  test("is read", () => {
    expect(parseStartOptions([])).toEqual({ port: 8420, demo: true, fresh: false, yes: false, help: false });
    expect(parseStartOptions(["--port", "9000", "--no-demo", "--fresh", "--yes"])).toEqual({
      port: 9000,
      demo: false,
      fresh: true,
      yes: true,
      help: false,
    });
  });

  test.each([["--prot"], ["--port", "99999"], ["--port", "abc"], ["extra"]])(
    "%s %s is explained",
    (...args) => {
      expect(() => parseStartOptions(args)).toThrow(/--help|--port 8420/);
    },
  );
});
