import { OrgId, UserId } from "@hearth/protocol";
import { z } from "zod";

export type Settings = {
  readonly homeserverUrl: string;
  readonly serverName: string;
  readonly botUserId: UserId;
  readonly asToken: string;
  readonly hsToken: string;
  readonly port: number;
  readonly orgId: OrgId;
  readonly orgName: string;
  readonly webUrl: string;
  /** For tests and trials without real people: the policy may name times below POLICY_FLOORS. */
  readonly shortTimes: boolean;
};

/** The bot's user id on a server. Its localpart stands in Synapse's registration file and never changes. */
export function botUserId(serverName: string): UserId {
  return UserId.parse(`@hearth-bot:${serverName}`);
}

const webAddress = (value: string) => {
  try {
    return ["http:", "https:"].includes(new URL(value).protocol);
  } catch {
    return false;
  }
};
const Token = z.string().min(20);

/** Each variable with what it must be, said so that a sentence can be made of it. */
const VARIABLES = {
  HEARTH_HOMESERVER_URL: {
    schema: z.string().refine(webAddress),
    must: "be the address of Synapse's inner port, such as http://127.0.0.1:8008",
  },
  HEARTH_SERVER_NAME: {
    schema: z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/),
    must: "be the homeserver's name, such as hearth.localhost",
  },
  HEARTH_AS_TOKEN: { schema: Token, must: "be the as_token of Synapse's appservice registration" },
  HEARTH_HS_TOKEN: { schema: Token, must: "be the hs_token of Synapse's appservice registration" },
  HEARTH_AS_PORT: {
    schema: z.coerce.number().int().min(1).max(65_535),
    must: "be the port in the appservice registration's url, a number from 1 to 65535",
  },
  HEARTH_ORG_ID: { schema: OrgId, must: "be 1 to 64 lowercase letters, digits or hyphens" },
  HEARTH_ORG_NAME: { schema: z.string().trim().min(1).max(100), must: "be a name of 1 to 100 characters" },
  HEARTH_WEB_URL: {
    schema: z.string().refine(webAddress),
    must: "be the address that people's browsers open, such as https://hearth.example.org",
  },
  HEARTH_SHORT_TIMES: {
    schema: z.enum(["0", "1"]).default("0"),
    must: "be 1 where Hearth is only tried out and its policy may name seconds, and else 0 or not be there",
  },
} as const;

type Parsed = { [Name in keyof typeof VARIABLES]: z.infer<(typeof VARIABLES)[Name]["schema"]> };

/**
 * Reads the environment.
 * @returns the settings, or one sentence for each variable that is wrong
 */
export function readSettings(
  env: Readonly<Record<string, string | undefined>>,
): { ok: true; settings: Settings } | { ok: false; problems: string[] } {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, { schema, must }] of Object.entries(VARIABLES)) {
    const given = env[name];
    const parsed = schema.safeParse(given === "" ? undefined : given);
    if (parsed.success) values[name] = parsed.data;
    // What was given is not repeated: it may be a token in the wrong place.
    else problems.push(`${name} ${given ? "is not valid" : "is missing"}: it must ${must}.`);
  }
  if (problems.length > 0) return { ok: false, problems };
  const parsed = values as Parsed;
  return {
    ok: true,
    settings: {
      homeserverUrl: parsed.HEARTH_HOMESERVER_URL.replace(/\/$/, ""),
      serverName: parsed.HEARTH_SERVER_NAME,
      botUserId: botUserId(parsed.HEARTH_SERVER_NAME),
      asToken: parsed.HEARTH_AS_TOKEN,
      hsToken: parsed.HEARTH_HS_TOKEN,
      port: parsed.HEARTH_AS_PORT,
      orgId: parsed.HEARTH_ORG_ID,
      orgName: parsed.HEARTH_ORG_NAME,
      webUrl: parsed.HEARTH_WEB_URL,
      shortTimes: parsed.HEARTH_SHORT_TIMES === "1",
    },
  };
}
