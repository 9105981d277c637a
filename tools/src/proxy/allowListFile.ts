// The allow-list as it lies in synapse-config/: read and checked once, when a server starts. A mistake in it would open
// or close a path for everybody, so nothing in it is guessed at: what isn't exactly right is said, and nothing starts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../setup/paths.mjs";
import { Problem } from "../../setup/problem.mjs";
import { signsOf } from "./pattern.ts";

export const allowListPath = join(root, "synapse-config", "allow-list.json");

export const METHODS = ["GET", "PUT", "POST", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

export interface Parameter {
  readonly name: string;
  /** Of the signs that `signsOf` reads, for the whole of a segment, decoded. */
  readonly pattern: string;
  /** A value that matches, for tests. */
  readonly example: string;
}

export interface AllowedRequest {
  readonly methods: readonly Method[];
  /** Starts with `/`; a segment is literal or `{parameter}`. One that ends in `/` is a path with a trailing slash. */
  readonly path: string;
}

export interface AllowList {
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly requests: readonly AllowedRequest[];
}

/**
 * @param path of a JSON file `{ parameters: { name: { pattern, example, why? } }, requests: [{ methods, path, why? }] }`
 * @throws Problem that names the file and the place in it
 */
export function readAllowList(path: string = allowListPath): AllowList {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new Problem(`The list of allowed requests can't be read. Put ${path} back as it came with Hearth.`);
  }
  try {
    return parseAllowList(JSON.parse(text));
  } catch (error) {
    if (error instanceof Mistake || error instanceof SyntaxError)
      throw new Problem(
        `The list of allowed requests has a mistake, so nothing was started: ${error.message}. Mend ${path}.`,
      );
    throw error;
  }
}

class Mistake extends Error {}

function parseAllowList(value: unknown): AllowList {
  const list = object(value, "the list", ["parameters", "requests"]);
  const parameters = new Map<string, Parameter>();
  for (const [name, row] of Object.entries(object(list["parameters"], "“parameters”")))
    parameters.set(name, parseParameter(name, row));
  const rows = list["requests"];
  if (!Array.isArray(rows) || rows.length === 0) throw new Mistake("“requests” is not a list of rows");
  const requests = rows.map((row: unknown, index) =>
    parseRequest(row, `row ${index + 1} of “requests”`, parameters),
  );
  const seen = new Set<string>();
  for (const { path } of requests) {
    if (seen.has(path)) throw new Mistake(`${path} has two rows: name all its methods in one`);
    seen.add(path);
  }
  const used = new Set(
    requests.flatMap(({ path }) => [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1])),
  );
  for (const name of parameters.keys())
    if (!used.has(name)) throw new Mistake(`no row has the parameter {${name}}`);
  return { parameters, requests };
}

function parseParameter(name: string, value: unknown): Parameter {
  const where = `the parameter {${name}}`;
  const { pattern, example } = object(value, where, ["pattern", "example"], ["why"]);
  if (typeof pattern !== "string" || typeof example !== "string")
    throw new Mistake(`${where} needs a pattern and an example, both texts`);
  if (!/^\w+$/.test(name)) throw new Mistake(`“${name}” can't be a parameter's name`);
  if (!signsOf(pattern))
    throw new Mistake(`the pattern of {${name}} has signs that a proxy might read otherwise`);
  if (!wholly(pattern).test(example))
    throw new Mistake(`the example of {${name}} does not match its pattern`);
  return { name, pattern, example };
}

function parseRequest(
  value: unknown,
  where: string,
  parameters: ReadonlyMap<string, Parameter>,
): AllowedRequest {
  const { methods, path } = object(value, where, ["methods", "path"], ["why"]);
  if (typeof path !== "string") throw new Mistake(`${where} has no path`);
  // Below /_synapse lies the admin API, and below /_matrix what other servers and bots ask: neither is for browsers.
  if (!/^\/_matrix\/(client|media)\//.test(path))
    throw new Mistake(
      `${path} is not below /_matrix/client/ or /_matrix/media/, and nothing else is for browsers`,
    );
  for (const [index, segment] of path.slice(1).split("/").entries()) {
    const isLast = index === path.slice(1).split("/").length - 1;
    const parameter = /^\{(.*)\}$/.exec(segment)?.[1];
    if (parameter !== undefined && !parameters.has(parameter))
      throw new Mistake(`${path} has {${parameter}}, which is not a parameter`);
    if (parameter === undefined && !/^[A-Za-z0-9_][\w.]*$/.test(segment) && !(segment === "" && isLast))
      throw new Mistake(`${path} is not a plain path: “${segment}” can't stand in it`);
  }
  if (!Array.isArray(methods) || methods.length === 0) throw new Mistake(`${path} has no list of methods`);
  const known = methods.filter((method): method is Method => METHODS.includes(method as Method));
  const odd: unknown = methods.find((method) => !METHODS.includes(method as Method));
  if (odd !== undefined)
    throw new Mistake(
      `${path} has the method ${JSON.stringify(odd)}: only ${METHODS.join(", ")} can be allowed`,
    );
  if (new Set(known).size < known.length) throw new Mistake(`${path} names a method twice`);
  return { methods: known, path };
}

/** A whole segment that matches, from its first to its last character. */
export function wholly(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`);
}

function object(
  value: unknown,
  where: string,
  needed?: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Mistake(`${where} is not an object`);
  const keys = Object.keys(value);
  const unknown = needed && keys.find((key) => !needed.includes(key) && !optional.includes(key));
  if (unknown !== undefined) throw new Mistake(`${where} has “${unknown}”, which means nothing here`);
  const missing = needed?.find((key) => !keys.includes(key));
  if (missing !== undefined) throw new Mistake(`${where} lacks “${missing}”`);
  return value as Readonly<Record<string, unknown>>;
}
