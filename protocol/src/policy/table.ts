import { z } from "zod";
import type { PairForm } from "../define/command.ts";
import { Duration, durationMs, toMs } from "../duration.ts";

/** After how many wrong tries an app lock destroys the keys. Fewer than five would hit whoever is only tired. */
export const WipeAfter = z.stringFormat("wrong tries", /^(off|[5-9]|[1-9][0-9]|100)$/);
export const OnOff = z.enum(["on", "off"]);
/** `own`: devices that can't set a storage of their own apart, and so can't forget for sure, are refused. */
export const DeviceStorage = z.enum(["any", "own"]);
/** At the latest after how long without a touch an app lock, where one is on, locks by itself. */
export const LockIdle = z.union([z.literal("off"), Duration]);

type Choice = { readonly value: string; readonly label: string };

/** One thing that an organisation decides. From it come the state's shape, the command, its text form, and the forms. */
export type PolicyRow<Schema extends z.ZodType = z.ZodType> = {
  readonly schema: Schema;
  /** What `policy set` takes, where it is not the same: what is typed is text. */
  readonly arg?: z.ZodType;
  /** What a policy says that was written before it could say this. Left out: it always said it, or need not say it. */
  readonly before?: unknown;
  /** Whether a policy may leave it out. */
  readonly optional?: true;
  /** What an organisation starts with; undefined for what is asked for, or left out. */
  readonly first?: string;
  /**
   * The shortest time that may be named where people depend on it. What is shorter is a slip (`PT1S` for `P1D`), and could
   * not be taken back: by the time it is noticed, every device has destroyed its keys.
   */
  readonly floor?: { readonly atLeast: Duration; readonly because: string };
  /**
   * What a change of it makes unreadable, or takes from people, that can't be brought back: a screen says so, and asks once
   * more. Undefined for a change that loses nothing.
   */
  readonly loses?: (before: string, after: string) => string | undefined;
  readonly text: Omit<PairForm, "arg">;
  /** Which form shows it, and how. */
  readonly form:
    | { readonly in: "organisation"; readonly as: "name" | "span" | "switch" }
    | { readonly in: "devices"; readonly as: "choice"; readonly choices: readonly Choice[] };
  readonly words: {
    readonly label: string;
    readonly hint: string;
    /** What is wrong with it when the whole does not fit. */
    readonly wrong: string;
  };
};

const row = <Schema extends z.ZodType, const Row extends PolicyRow<Schema>>(
  given: Row & { readonly schema: Schema },
) => given;
const least = (atLeast: string, because: string) => ({ atLeast: atLeast as Duration, because });
const isShorter = (before: string, after: string) => (durationMs(after) ?? 0) < (durationMs(before) ?? 0);
/** Fewer wrong tries than before, or any where it was off. */
const isStricter = (before: string, after: string) =>
  after !== "off" && (before === "off" || Number(after) < Number(before));
const span = { shown: "14d", as: "duration" } as const;
const organisation = { in: "organisation", as: "span" } as const;
const BAD_DURATION = "A duration is written like P14D (14 days), PT72H (72 hours) or PT30M (30 minutes).";
const TEN_YEARS = "Ten years or less.";

/**
 * What an org has decided. `key_window` (X) is how long staff devices may keep keys, `retention` (Y) how long
 * the server keeps ciphertext, `key_block` how long one Megolm session may serve, `lease` how long a device
 * lives without contact. block ≤ X < Y.
 */
export const POLICY = {
  name: row({
    schema: z.string().trim().min(1).max(100),
    text: { shown: '"Our Team"', as: "text" },
    form: { in: "organisation", as: "name" },
    words: { label: "Name of the organisation", hint: "", wrong: "Use 1 to 100 characters." },
  }),
  retention: row({
    schema: Duration,
    first: "P90D",
    text: span,
    form: organisation,
    words: {
      label: "Keep requests and messages",
      hint: "What the team has decided, for requests opened from now on. This version of Hearth does not delete by it yet: the server keeps them all, encrypted.",
      wrong: TEN_YEARS,
    },
  }),
  invite_expiry: row({
    schema: Duration,
    first: "P7D",
    text: span,
    form: organisation,
    words: {
      label: "Invite links work for",
      hint: "Unless another time is chosen when the invite is made.",
      wrong: TEN_YEARS,
    },
  }),
  key_window: row({
    schema: Duration,
    first: "P14D",
    floor: least("P1D", "what is older becomes unreadable on responders’ devices, and can’t be brought back"),
    loses: (before, after) =>
      isShorter(before, after)
        ? "Messages that are older become unreadable at once on the devices of everybody who is no admin."
        : undefined,
    text: span,
    form: organisation,
    words: {
      label: "Responders can look back",
      hint: "Older messages become unreadable on the devices of everybody who is no admin.",
      wrong: "Must be shorter than the time that requests are kept.",
    },
  }),
  key_block: row({
    schema: Duration,
    first: "P1D",
    floor: least("PT1H", "with each block every device makes new keys and moves all that it keeps"),
    loses: (before, after) =>
      isShorter(before, after)
        ? "Messages at the end of what responders can look back at become unreadable a little sooner."
        : undefined,
    text: span,
    form: organisation,
    words: {
      label: "Change encryption keys every",
      hint: "What was written under one key is forgotten all at once.",
      wrong: "Not longer than responders can look back.",
    },
  }),
  lease: row({
    schema: Duration,
    first: "PT72H",
    floor: least(
      "PT1H",
      "a device without contact for that long destroys its keys, and a cellar or an empty battery would be enough",
    ),
    loses: (before, after) =>
      isShorter(before, after)
        ? "A device that was without contact for that long destroys its keys. What it had not sent is lost, and its person signs in again with their recovery key."
        : undefined,
    text: span,
    form: organisation,
    words: {
      label: "A device without contact forgets after",
      hint: "It destroys its keys before it shows anything. Its person then signs in again.",
      wrong: TEN_YEARS,
    },
  }),
  lock_idle: row({
    schema: LockIdle,
    before: "off",
    first: "off",
    text: { shown: "15m|off", as: "duration" },
    form: {
      in: "devices",
      as: "choice",
      choices: [
        { value: "off", label: "When its owner wants" },
        { value: "PT1M", label: "After 1 minute" },
        { value: "PT5M", label: "After 5 minutes" },
        { value: "PT15M", label: "After 15 minutes" },
        { value: "PT1H", label: "After 1 hour" },
      ],
    },
    words: {
      label: "A device with an app lock locks by itself",
      hint: "When it was not used for so long. A person may choose less, not more.",
      wrong: BAD_DURATION,
    },
  }),
  lock_wipe_after: row({
    schema: WipeAfter,
    before: "off",
    first: "off",
    loses: (before, after) =>
      isStricter(before, after)
        ? "After so many wrong passphrases a device destroys its keys. What it had not sent is lost."
        : undefined,
    text: { shown: "10|off", as: "text" },
    form: {
      in: "devices",
      as: "choice",
      choices: [
        { value: "off", label: "Never" },
        { value: "5", label: "After 5" },
        { value: "10", label: "After 10" },
        { value: "20", label: "After 20" },
      ],
    },
    words: {
      label: "Wrong passphrases destroy the keys",
      hint: "In any case there is a wait after the fifth, and a longer one after each that follows.",
      wrong: "A number of wrong tries from 5 to 100, or off.",
    },
  }),
  online_unlock: row({
    schema: OnOff,
    before: "off",
    first: "off",
    loses: (_, after) =>
      after === "on"
        ? "Devices no longer open without a network: nobody can work offline after a start."
        : undefined,
    text: { shown: "on|off", as: "text" },
    form: {
      in: "devices",
      as: "choice",
      choices: [
        { value: "off", label: "By itself" },
        { value: "on", label: "Only with the server’s help" },
      ],
    },
    words: {
      label: "A device opens what it keeps",
      hint: "With the server’s help, a stolen disk stays shut once the device is wiped, even a copied one. The price: no start without a network.",
      wrong: "Say on or off.",
    },
  }),
  device_storage: row({
    schema: DeviceStorage,
    before: "any",
    first: "any",
    loses: (_, after) =>
      after === "own"
        ? "Hearth in Firefox and Safari destroys its keys and signs out at once. Who uses those has to change to another browser."
        : undefined,
    text: { shown: "any|own", as: "text" },
    form: {
      in: "devices",
      as: "choice",
      choices: [
        { value: "any", label: "Are allowed" },
        { value: "own", label: "Are refused" },
      ],
    },
    words: {
      label: "Browsers that can’t forget for sure",
      hint: "Firefox and Safari keep traces of deleted data in their files. Refused, such a device destroys its keys and signs out at once.",
      wrong: "Say any or own.",
    },
  }),
  /** Admins' clients answer asks for the key window by themselves. Absent: a person does. */
  automatic_access: row({
    schema: z.boolean(),
    arg: z.union([z.boolean(), z.stringbool()]),
    optional: true,
    text: { shown: "yes", as: "text" },
    form: { in: "organisation", as: "switch" },
    words: {
      label: "Admins’ devices may answer requests for recent messages by themselves",
      hint: "Only for messages that responders may look back at anyway. Each admin then switches it on for a device of theirs, on the Access page. Older messages always take a person.",
      wrong: "Say yes or no.",
    },
  }),
} as const;

type Table = typeof POLICY;
export type PolicyField = keyof Table;
/** The fields that `policy set` may change, in the order in which they are shown. */
export const POLICY_FIELDS = Object.keys(POLICY) as readonly PolicyField[];

const each = <Made>(make: (row: PolicyRow, field: PolicyField) => Made | undefined) =>
  Object.fromEntries(
    POLICY_FIELDS.flatMap((field) => {
      const made = make(POLICY[field], field);
      return made === undefined ? [] : [[field, made]];
    }),
  );

/** What a change of policy takes from people for good, in sentences. @param wanted only what changes */
export function lossesOf(
  before: Readonly<Partial<Record<PolicyField, unknown>>>,
  wanted: Readonly<Partial<Record<PolicyField, unknown>>>,
): string[] {
  return POLICY_FIELDS.flatMap((field) => {
    const { loses, first = "" }: PolicyRow = POLICY[field];
    const [was, will] = [before[field] ?? first, wanted[field]];
    if (!loses || typeof was !== "string" || typeof will !== "string" || was === will) return [];
    return loses(was, will) ?? [];
  });
}

type SchemaOf<Field extends PolicyField> = Table[Field]["schema"];
type Shape = {
  readonly [Field in PolicyField]: Table[Field] extends { readonly optional: true }
    ? z.ZodOptional<SchemaOf<Field>>
    : Table[Field] extends { readonly before: string }
      ? z.ZodDefault<SchemaOf<Field>>
      : SchemaOf<Field>;
};

/** The fields of the state event. */
export const POLICY_SHAPE = each(({ schema, before, optional }) =>
  optional ? schema.optional() : before === undefined ? schema : schema.default(before as never),
) as unknown as Shape;

type ArgOf<Field extends PolicyField> = Table[Field] extends { readonly arg: infer Arg extends z.ZodType }
  ? Arg
  : SchemaOf<Field>;

/** What `policy set` takes: each of them may be left out. */
export const POLICY_ARGS = each(({ schema, arg }) => (arg ?? schema).optional()) as unknown as {
  readonly [Field in PolicyField]: z.ZodOptional<ArgOf<Field>>;
};

/** How each of them is typed. */
export const POLICY_PAIRS = each(({ text }, field) => ({ arg: field, ...text })) as Readonly<
  Record<PolicyField, PairForm>
>;

/** What is said of a value that is none. */
export const POLICY_PROBLEMS = each(({ schema, words }) =>
  (schema as unknown) === Duration ? BAD_DURATION : words.wrong,
) as Readonly<Record<PolicyField, string>>;

/** What an organisation starts with. */
export const POLICY_FIRST = each(({ first }) => first) as {
  readonly [Field in PolicyField as Table[Field] extends { readonly first: string } ? Field : never]: Extract<
    Table[Field],
    { readonly first: string }
  >["first"];
};

type FormName = PolicyRow["form"]["in"];
/** The fields that a form shows; with `As`, those that it shows so. */
export type PolicyFieldIn<
  Form extends FormName,
  As extends PolicyRow["form"]["as"] = PolicyRow["form"]["as"],
> = {
  [Field in PolicyField]: Table[Field]["form"] extends { readonly in: Form; readonly as: As } ? Field : never;
}[PolicyField];

/** The rows that a form shows, in their order. */
export function policyRows<Form extends FormName>(
  form: Form,
): {
  readonly field: PolicyFieldIn<Form>;
  readonly words: PolicyRow["words"];
  readonly form: Extract<PolicyRow["form"], { readonly in: Form }>;
}[] {
  return POLICY_FIELDS.filter((field) => POLICY[field].form.in === form).map((field) => ({
    field: field as PolicyFieldIn<Form>,
    words: POLICY[field].words,
    form: POLICY[field].form as Extract<PolicyRow["form"], { readonly in: Form }>,
  }));
}

/** @returns a sentence for each of these times that is too short; none for what is not named */
export function belowFloors(changes: Readonly<Partial<Record<PolicyField, unknown>>>): string[] {
  return POLICY_FIELDS.flatMap((field) => {
    const { floor } = POLICY[field] as PolicyRow;
    const wanted = Duration.safeParse(changes[field]).data;
    if (!floor || wanted === undefined || toMs(wanted) >= toMs(floor.atLeast)) return [];
    return [`${field} must be ${floor.atLeast} or longer, because ${floor.because}.`];
  });
}
