import { MOST_PASSWORD_BYTES, passwordBytes } from "@hearth/protocol";
import { Refusal } from "../failures.ts";
import { RefusedRequest, requestJson } from "./http.ts";
import type { Fetch, Method } from "./http.ts";
import { tokenPair } from "./tokens.ts";
import type { TokenPair } from "./tokens.ts";
import type { Clock } from "../../work/clock.ts";

export type SignedIn = { readonly userId: string; readonly deviceId: string; readonly tokens: TokenPair };

type LoginAnswer = {
  user_id: string;
  device_id: string;
  access_token: string;
  refresh_token?: string;
  expires_in_ms?: number;
};

export type AuthOptions = {
  readonly baseUrl: string;
  readonly fetch: Fetch;
  readonly clock: Pick<Clock, "now" | "timeout">;
  readonly browserName: string;
  readonly signal?: AbortSignal;
};

/** All that the server learns of a device by name; its proxy refuses any other. */
export function deviceName(browserName: string): string {
  const safe = browserName.replaceAll(/[^A-Za-z0-9 ]/g, "").slice(0, 32);
  return safe === "" ? "Hearth" : `Hearth on ${safe}`;
}

/**
 * @param deviceId the device to go on with; the server makes a new one without it
 * @throws Refusal wrong_password, locked, refused (closed account)
 */
export async function passwordLogin(
  options: AuthOptions,
  arg: { readonly user: string; readonly password: string; readonly deviceId?: string },
): Promise<SignedIn> {
  try {
    const answer = await post<LoginAnswer>(options, "login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: arg.user },
      password: arg.password,
      refresh_token: true,
      initial_device_display_name: deviceName(options.browserName),
      ...(arg.deviceId === undefined ? {} : { device_id: arg.deviceId }),
    });
    return signedIn(answer, options.clock.now());
  } catch (error) {
    if (error instanceof RefusedRequest) {
      if (error.errcode === "M_FORBIDDEN") {
        throw new Refusal("wrong_password", "Wrong user name or password.");
      }
      if (error.errcode === "M_USER_LOCKED") {
        throw new Refusal("locked", "An admin has locked this account. Ask an admin to unlock it.");
      }
      if (error.errcode === "M_USER_DEACTIVATED") {
        throw new Refusal("refused", "This account was closed. Ask an admin for a new invite.");
      }
    }
    throw error;
  }
}

export type Registration = {
  readonly userName: string;
  readonly password: string;
  readonly token: string;
  /** The authentication session of an attempt that was cut off. */
  readonly session?: string;
  /**
   * Must have stored the session durably when it resolves. An attempt reserves the token for its session, for days: if
   * the session were forgotten, the invite would count as used.
   */
  readonly onSession: (session: string) => Promise<void>;
};

/**
 * Makes an account with an invite's registration token, or signs in to the one that this session made already.
 * @throws Refusal name_taken, bad_name, weak_password, invite_used
 */
export async function registerWithToken(options: AuthOptions, arg: Registration): Promise<SignedIn> {
  const body = {
    username: arg.userName,
    password: arg.password,
    initial_device_display_name: deviceName(options.browserName),
    refresh_token: true,
    inhibit_login: false,
  };
  let auth: Record<string, string> | undefined = arg.session ? { session: arg.session } : undefined;
  for (let stage = 0; stage < 5; stage++) {
    try {
      const answer = await post<LoginAnswer>(options, "register", auth ? { ...body, auth } : body);
      return signedIn(answer, options.clock.now());
    } catch (error) {
      if (!(error instanceof RefusedRequest)) throw error;
      const { session, completed, errcode } = error.body;
      const resuming = stage === 0 && auth !== undefined;
      if (resuming && SESSION_GONE.has(error.errcode)) {
        auth = undefined;
        continue;
      }
      if (error.status !== 401 || session === undefined) throw registrationRefusal(error);
      if (auth?.["type"] === "m.login.registration_token" && errcode !== undefined) {
        throw new Refusal("invite_used", INVITE_USED);
      }
      if (session !== arg.session && auth === undefined) await arg.onSession(session);
      auth = completed?.includes("m.login.registration_token")
        ? { type: "m.login.dummy", session }
        : { type: "m.login.registration_token", token: arg.token, session };
    }
  }
  throw new Refusal("refused", "The server did not accept this invite. Ask for a new one.");
}

/** What the server says to an authentication session that it no longer knows. */
const SESSION_GONE: ReadonlySet<string> = new Set(["M_UNKNOWN", "M_FORBIDDEN", "M_NOT_FOUND"]);

export const INVITE_USED =
  "This invite was already used, withdrawn, or has expired. Ask the person who sent it for a new one.";

/** Whether the server would still let somebody register with this invite's token. */
export async function isTokenValid(options: AuthOptions, token: string): Promise<boolean> {
  const path = `/_matrix/client/v1/register/m.login.registration_token/validity?token=${encodeURIComponent(token)}`;
  const { valid } = await requestJson<{ valid: boolean }>(options, "GET", path);
  return valid;
}

type Request = <T>(method: Method, path: string, body: unknown) => Promise<T>;

/**
 * A request that the server wants the password for (user-interactive authentication).
 * @throws Refusal needs_password, wrong_password
 */
export async function withPassword<T>(
  userId: string,
  password: string | undefined,
  send: (auth: Record<string, unknown> | null) => Promise<T>,
  readRefusal: (error: unknown) => { session?: string; errcode?: string; asksForMore: boolean },
): Promise<T> {
  try {
    return await send(null);
  } catch (error) {
    const first = readRefusal(error);
    if (!first.asksForMore) throw error;
    if (password === undefined) {
      throw new Refusal("needs_password", "Enter your password, so that the server knows it is you.");
    }
    const auth = {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: userId },
      password,
      ...(first.session === undefined ? {} : { session: first.session }),
    };
    try {
      return await send(auth);
    } catch (second) {
      if (readRefusal(second).asksForMore) throw new Refusal("wrong_password", "Wrong password.");
      throw second;
    }
  }
}

/** `withPassword` for a plain JSON request. */
export function requestWithPassword<T>(
  request: Request,
  userId: string,
  password: string | undefined,
  method: Method,
  path: string,
  body: Record<string, unknown>,
): Promise<T> {
  return withPassword(
    userId,
    password,
    (auth) => request<T>(method, path, auth ? { ...body, auth } : body),
    (error) => {
      if (!(error instanceof RefusedRequest)) return { asksForMore: false };
      const { session, errcode, flows } = error.body;
      return {
        asksForMore: error.status === 401 && flows !== undefined,
        ...(session === undefined ? {} : { session }),
        ...(errcode === undefined ? {} : { errcode }),
      };
    },
  );
}

export const MIN_PASSWORD = 12;

export function checkPassword(password: string): void {
  if (password.length < MIN_PASSWORD) {
    throw new Refusal(
      "weak_password",
      `Use at least ${MIN_PASSWORD} characters; a few plain words are fine.`,
    );
  }
  if (passwordBytes(password) > MOST_PASSWORD_BYTES)
    throw new Refusal(
      "weak_password",
      `Use at most ${MOST_PASSWORD_BYTES} plain characters: the server ignores what comes after them.`,
    );
}

function registrationRefusal(error: RefusedRequest): unknown {
  switch (error.errcode) {
    case "M_USER_IN_USE":
    case "M_EXCLUSIVE":
      return new Refusal("name_taken", "Somebody here already has that name. Choose another one.");
    case "M_INVALID_USERNAME":
      return new Refusal("bad_name", BAD_NAME);
    case "M_WEAK_PASSWORD":
    case "M_PASSWORD_TOO_SHORT":
    case "M_PASSWORD_NO_DIGIT":
    case "M_PASSWORD_NO_LOWERCASE":
    case "M_PASSWORD_NO_UPPERCASE":
    case "M_PASSWORD_NO_SYMBOL":
    case "M_PASSWORD_IN_DICTIONARY":
      return new Refusal("weak_password", "That password is too easy to guess. Use a longer one.");
    default:
      return error;
  }
}

export const BAD_NAME =
  "A user name has only lower-case letters, digits, dots, dashes and underscores, and starts with a letter or digit.";

function post<T>(options: AuthOptions, endpoint: "login" | "register", body: unknown): Promise<T> {
  const { signal } = options;
  return requestJson<T>(options, "POST", `/_matrix/client/v3/${endpoint}`, body, signal ? { signal } : {});
}

function signedIn(answer: LoginAnswer, now: number): SignedIn {
  return { userId: answer.user_id, deviceId: answer.device_id, tokens: tokenPair(answer, now) };
}
