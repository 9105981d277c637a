// The tables of what must be refused, shared with the module's own tests in Python.
import { readFileSync } from "node:fs";

const folder = new URL("../../../synapse-config/module/tests/", import.meta.url);

export interface Leak {
  readonly what: string;
  readonly type: string;
  /** Absent: an event of the timeline. */
  readonly stateKey?: string;
  readonly content: unknown;
  /** Synapse finds this malformed before it asks a module, and may say so clumsily. */
  readonly bySynapse?: boolean;
}

type Path = readonly (string | number)[];

export type Spoiling = { readonly what: string } & (
  | { readonly set: Path; readonly value: unknown }
  | { readonly drop: Path }
  | { readonly append: Path; readonly value: unknown }
  | { readonly state: string; readonly content: unknown }
  | { readonly dropState: string }
);

/** Puts words in the place of their {names}, everywhere in a JSON value, keys included. */
function fill(value: unknown, words: Readonly<Record<string, string>>): unknown {
  if (typeof value === "string")
    return value.replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
  if (Array.isArray(value)) return value.map((item) => fill(item, words));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [fill(key, words), fill(inner, words)]),
  );
}

function table(file: string, words: Readonly<Record<string, string>>): unknown {
  return fill(JSON.parse(readFileSync(new URL(file, folder), "utf8")), words);
}

export function leaks(words: Readonly<Record<string, string>>): readonly Leak[] {
  return table("leaks.json", words) as Leak[];
}

/** Changes that make a template a wrong one: any template, or those of sensitive rooms. */
export function spoilings(words: Readonly<Record<string, string>>): {
  readonly any: readonly Spoiling[];
  readonly sensitive: readonly Spoiling[];
} {
  return table("spoiled_templates.json", words) as { any: Spoiling[]; sensitive: Spoiling[] };
}

interface StateEvent {
  type: string;
  content: unknown;
}

/** A copy of a template with one change. */
export function spoil(template: { initial_state: readonly StateEvent[] }, row: Spoiling): unknown {
  const request = structuredClone(template) as unknown as { initial_state: StateEvent[] };
  if ("state" in row) {
    for (const event of request.initial_state) if (event.type === row.state) event.content = row.content;
    return request;
  }
  if ("dropState" in row) {
    request.initial_state = request.initial_state.filter((event) => event.type !== row.dropState);
    return request;
  }
  const path = "set" in row ? row.set : "drop" in row ? row.drop : row.append;
  let target = request as unknown as Record<string | number, unknown>;
  for (const step of path.slice(0, -1)) target = target[step] as Record<string | number, unknown>;
  const last = path.at(-1) ?? "";
  if ("set" in row) target[last] = row.value;
  else if ("drop" in row) delete target[last];
  else (target[last] as unknown[]).push(row.value);
  return request;
}

const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").replaceAll("=", "");

/** A well-formed Megolm message that nobody can decrypt: version, index, ciphertext, MAC, signature. */
export function megolm(): string {
  const frame = [0x03, 0x08, 0x00, 0x12, 0x20];
  return unpadded(Uint8Array.from([...frame, ...crypto.getRandomValues(new Uint8Array(32 + 8 + 64))]));
}

/** The content of an event that a sensitive room takes. */
export function encrypted(deviceId: string): Record<string, unknown> {
  const key = () => unpadded(crypto.getRandomValues(new Uint8Array(32)));
  return {
    algorithm: "m.megolm.v1.aes-sha2",
    ciphertext: megolm(),
    session_id: key(),
    sender_key: key(),
    device_id: deviceId,
  };
}
