import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Problem } from "../../setup/problem.mjs";
import { startWebServer } from "../webServer.ts";
import { allowListPath, readAllowList } from "./allowListFile.ts";

interface Data {
  parameters: Record<string, Record<string, unknown>>;
  requests: Record<string, unknown>[];
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hearth-allow-list-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The committed list, spoiled, in a file of its own. */
function spoiled(spoil: (data: Data) => unknown): string {
  const data = JSON.parse(readFileSync(allowListPath, "utf8")) as Data;
  const path = join(folder, "allow-list.json");
  writeFileSync(path, JSON.stringify(spoil(data) ?? data));
  return path;
}

const row = (path: string, methods: unknown = ["GET"]) => ({ methods, path });

describe("[P1] a list with a mistake starts nothing, and the mistake is named", () => {
  test.each<[string, (data: Data) => unknown, RegExp]>([
    ["a key that is none", (data) => ({ ...data, also: [] }), /the list has “also”/],
    [
      "a key in a row that is none",
      (data) => void data.requests.push({ ...row("/_matrix/client/x"), method: "GET" }),
      /row \d+ of “requests” has “method”/,
    ],
    [
      "a key in a parameter that is none",
      (data) => void Object.assign(data.parameters["room"]!, { regex: "x" }),
      /\{room\} has “regex”/,
    ],
    ["no requests", (data) => ({ parameters: data.parameters }), /lacks “requests”/],
    ["an empty list", (data) => ({ ...data, requests: [] }), /not a list of rows/],
    [
      "a row twice",
      (data) => void data.requests.push(row("/_matrix/client/versions", ["POST"])),
      /\/_matrix\/client\/versions has two rows/,
    ],
    [
      "a method twice",
      (data) => void data.requests.push(row("/_matrix/client/x", ["GET", "GET"])),
      /names a method twice/,
    ],
    [
      "a method that is none",
      (data) => void data.requests.push(row("/_matrix/client/x", ["FETCH"])),
      /the method "FETCH"/,
    ],
    [
      "a method in small letters",
      (data) => void data.requests.push(row("/_matrix/client/x", ["get"])),
      /the method "get"/,
    ],
    [
      "a method that reads nothing",
      (data) => void data.requests.push(row("/_matrix/client/x", ["OPTIONS"])),
      /the method "OPTIONS"/,
    ],
    ["no method", (data) => void data.requests.push(row("/_matrix/client/x", [])), /no list of methods/],
    [
      "methods that are a text",
      (data) => void data.requests.push(row("/_matrix/client/x", "GET")),
      /no list of methods/,
    ],
    [
      "the admin API",
      (data) => void data.requests.push(row("/_synapse/admin/v2/users")),
      /not below \/_matrix\/client/,
    ],
    [
      "federation",
      (data) => void data.requests.push(row("/_matrix/federation/v1/version")),
      /not below \/_matrix\/client/,
    ],
    [
      "all of the client API's neighbours",
      (data) => void data.requests.push(row("/_matrix/client/../../_synapse/admin")),
      /“\.\.” can't stand in it/,
    ],
    ["an escape", (data) => void data.requests.push(row("/_matrix/client/%2e%2e/x")), /can't stand in it/],
    ["two slashes", (data) => void data.requests.push(row("/_matrix/client//x")), /“” can't stand in it/],
    [
      "a parameter that is none",
      (data) => void data.requests.push(row("/_matrix/client/{x}")),
      /\{x\}, which is not a parameter/,
    ],
    [
      "a parameter that no row has",
      (data) => void Object.assign(data.parameters, { x: { pattern: "x", example: "x" } }),
      /no row has the parameter \{x\}/,
    ],
    [
      "a pattern that takes anything",
      (data) => void Object.assign(data.parameters["room"]!, { pattern: ".*" }),
      /signs that a proxy might read otherwise/,
    ],
    [
      "a pattern without an end",
      (data) => void Object.assign(data.parameters["room"]!, { pattern: "[a-z]+" }),
      /signs that a proxy might read otherwise/,
    ],
    [
      "a pattern that does not close",
      (data) => void Object.assign(data.parameters["filter"]!, { pattern: "(\\d{1,2}" }),
      /Invalid regular expression/,
    ],
    [
      "an example that doesn't match",
      (data) => void Object.assign(data.parameters["room"]!, { example: "#room" }),
      /the example of \{room\}/,
    ],
    [
      "a parameter without an example",
      (data) => void delete data.parameters["room"]!["example"],
      /\{room\} lacks “example”/,
    ],
    ["a list of lists", () => [], /the list is not an object/],
  ])("%s", async (_, spoil, sentence) => {
    const path = spoiled(spoil);
    expect(() => readAllowList(path)).toThrow(Problem);
    expect(() => readAllowList(path)).toThrow(sentence);
    const started = startWebServer({
      folder: undefined,
      homeserverUrl: "http://127.0.0.1:9",
      port: 0,
      logPath: join(folder, "web.log"),
      allowListPath: path,
    });
    await expect(started).rejects.toThrow(Problem);
  });

  test("a file that isn't there or isn't JSON", () => {
    expect(() => readAllowList(join(folder, "none.json"))).toThrow("can't be read");
    writeFileSync(join(folder, "bad.json"), "{");
    expect(() => readAllowList(join(folder, "bad.json"))).toThrow(Problem);
  });

  test("the list that is committed has none", () => {
    const list = readAllowList();
    expect(list.requests.length).toBeGreaterThan(50);
    expect(spoiled(() => undefined)).toSatisfy(
      (path: string) => readAllowList(path).requests.length === list.requests.length,
    );
  });
});
