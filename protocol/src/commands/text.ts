import { COMMANDS, type CommandName } from "../catalogue.ts";
import type { TextForm, WordForm } from "../define/command.ts";
import { splitWords, type Word } from "./words.ts";

const formOf = (name: CommandName): TextForm | null => COMMANDS[name].text;

export type ParsedCommandText =
  | { readonly ok: true; readonly name: CommandName; readonly args: Record<string, unknown> }
  | { readonly ok: false; readonly message: string };

/** All that can be typed. */
export const TYPED_COMMANDS = (Object.keys(COMMANDS) as CommandName[]).filter((name) => formOf(name));

/** `!hearth role grant @person role`; the name alone for a command that can't be typed. */
export function usageOf(name: CommandName): string {
  const form = formOf(name);
  if (!form) return name;
  const words = form.words.map((word) => (word.optional ? `[${word.shown}]` : word.shown));
  const pairs = Object.entries(form.pairs).map(([key, pair]) => `[${key}=${pair.shown}]`);
  return ["!hearth", name, ...words, ...pairs].join(" ");
}

/** The list that `help` gives, or what it says of one command. */
export function helpText(of?: CommandName): string {
  if (of) return `${usageOf(of)}\n${COMMANDS[of].help ?? "is given by the client only"}`;
  return TYPED_COMMANDS.map((name) => `${usageOf(name)}: ${COMMANDS[name].help ?? ""}`).join("\n");
}

/**
 * Reads `!hearth role grant @sam dispatcher` (SPEC [C2]).
 * @returns the command's name and its arguments, not yet checked by the schema (for `invite create` without the id
 *   and the secret's hash: whoever answers makes those); a sentence when it can't be read; undefined when the text
 *   is no command
 */
export function parseCommandText(
  text: string,
  options: { readonly serverName: string },
): ParsedCommandText | undefined {
  const after = /^\s*!hearth(?:\s+|$)/i.exec(text);
  if (!after) return undefined;
  const words = splitWords(text.slice(after[0].length));
  if (!words) return no("A quotation mark is not closed. Put one at the end of the quoted words.");
  if (words.length === 0) return { ok: true, name: "help", args: {} };
  const found = findName(words);
  if (!found) return no(unknown(words));
  const form = formOf(found.name);
  if (!form) return no(`“${found.name}” can't be typed: the client gives it when it is needed.`);
  return readArguments(found.name, form, found.rest, options.serverName);
}

function findName(words: readonly Word[]): { name: CommandName; rest: readonly Word[] } | undefined {
  for (const length of [2, 1]) {
    const name = words.slice(0, length).map(plain).join(" ");
    if (words.length >= length && Object.hasOwn(COMMANDS, name))
      return { name: name as CommandName, rest: words.slice(length) };
  }
  return undefined;
}

function unknown(words: readonly Word[]): string {
  const first = words[0] ? plain(words[0]) : "";
  const near = TYPED_COMMANDS.filter((name) => name.split(" ")[0] === first);
  const asked = words.slice(0, 2).map(plain).join(" ").slice(0, 60);
  return near.length > 0
    ? `There is no command “${asked}”. With “${first}” there are: ${near.join(", ")}.`
    : `There is no command “${asked}”. Write !hearth help for the list.`;
}

function readArguments(
  name: CommandName,
  form: TextForm,
  given: readonly Word[],
  serverName: string,
): ParsedCommandText {
  const hint = `Write it like this: ${usageOf(name)}`;
  const args: Record<string, unknown> = {};
  const words: Word[] = [];
  for (const word of given) {
    if (word.key === undefined) {
      words.push(word);
      continue;
    }
    const pair = Object.hasOwn(form.pairs, word.key) ? form.pairs[word.key] : undefined;
    if (!pair) return no(`“${name}” knows no “${word.key.slice(0, 60)}”. ${hint}`);
    if (Object.hasOwn(args, pair.arg)) return no(`“${word.key}” stands there twice. ${hint}`);
    args[pair.arg] = pair.as === "duration" ? isoDuration(word.text) : word.text;
  }
  for (const wanted of form.words) {
    const taken = words.splice(0, wanted.as === "rest" ? words.length : 1);
    const [first] = taken;
    if (first) args[wanted.arg] = readWord(wanted, taken, first, serverName);
    else if (!wanted.optional) return no(`Something is missing: ${wanted.shown}. ${hint}`);
  }
  const [extra] = words;
  if (extra) return no(`“${extra.text.slice(0, 60)}” is one word too many. ${hint}`);
  if (form.words.length === 0 && Object.keys(form.pairs).length > 0 && given.length === 0)
    return no(`Say what to set. ${hint}`);
  return { ok: true, name, args };
}

function readWord(wanted: WordForm, taken: readonly Word[], first: Word, serverName: string): unknown {
  switch (wanted.as) {
    case "person":
      return completeUserId(first.text, serverName);
    case "name":
      return first.text.toLowerCase();
    case "list":
      return first.text
        .toLowerCase()
        .split(",")
        .filter((name) => name !== "");
    case "rest":
      return taken.map(plain).join(" ");
    case "text":
      return first.text;
  }
}

/** `@sam` → `@sam:server` (SPEC [C3]), its name in lower case; what is no name stays as it is, for the schema to judge. */
export function completeUserId(text: string, serverName: string): string {
  const [, name, server] = /^(@[^:\s]+)(:\S+)?$/.exec(text) ?? [];
  return name === undefined ? text : `${name.toLowerCase()}${server ?? `:${serverName}`}`;
}

/** `14d`, `12h`, `30m`, `90s`, `2w` as ISO 8601; anything else as it is, for the schema to judge. */
function isoDuration(text: string): string {
  if (/^off$/i.test(text)) return "off";
  const match = /^(\d{1,8})([wdhms])$/i.exec(text);
  if (!match) return text.toUpperCase();
  const unit = (match[2] ?? "").toUpperCase();
  return `${"WD".includes(unit) ? "P" : "PT"}${match[1] ?? ""}${unit}`;
}

const plain = (word: Word): string =>
  (word.key === undefined ? word.text : `${word.key}=${word.text}`).toLowerCase();
const no = (message: string): ParsedCommandText => ({ ok: false, message });
