// Requests whose body is looked at before it is passed on: signing in and registering name a device, and a device's
// name and id are stored as they are and shown to others by the server. And what is kept under a type of account data
// that is ours.

export interface Refusal {
  readonly status: number;
  readonly errcode: string;
  readonly error: string;
}

const deviceName = /^Hearth( on [A-Za-z0-9 ]{1,32})?$/;
const deviceId = /^[A-Za-z0-9_-]{1,64}$/;
const userName = /^(@[a-z0-9._=-]{1,64}:[\w.:-]{1,255}|[a-z0-9._=-]{1,64})$/;

/**
 * @param segments decoded segments of the path
 * @returns why the request is refused, or undefined when it may pass
 */
export function refuseBody(method: string, segments: readonly string[], body: Buffer): Refusal | undefined {
  const what = segments.slice(3).join("/");
  if (method === "PUT" && segments[5] === "account_data" && segments[6]?.startsWith("org.hearth.unlock."))
    return refuseHalf(body);
  if (method !== "POST" || (what !== "login" && what !== "register")) return undefined;
  const parsed = parseObject(body);
  if (!parsed)
    return {
      status: 400,
      errcode: "M_NOT_JSON",
      error: "The request is not JSON. Reload the page and try again.",
    };
  if (!isAbsentOr(deviceName, parsed["initial_device_display_name"]))
    return forbidden(
      "A device's name may only say which browser or system it is, such as “Hearth on Firefox”: the server can read it.",
    );
  if (!isAbsentOr(deviceId, parsed["device_id"]))
    return forbidden("A device's id may only have letters and digits: the server can read it.");
  if (what === "register" && !isAbsentOr(userName, parsed["username"]))
    return {
      status: 400,
      errcode: "M_INVALID_USERNAME",
      error: "A user name may have lower-case letters a to z, digits, and . _ = - only. Choose another one.",
    };
  return undefined;
}

const half = /^[A-Za-z0-9_-]{43}$/;

/** Half of a key, or nothing: no words. */
function refuseHalf(body: Buffer): Refusal | undefined {
  const parsed = parseObject(body);
  const keys = Object.keys(parsed ?? { none: 0 });
  const isHalf = keys.length === 1 && typeof parsed?.["half"] === "string" && half.test(parsed["half"]);
  return isHalf || keys.length === 0
    ? undefined
    : forbidden("There may be half of a key here and nothing else: the server can read it.");
}

/**
 * An upload's name and type stand in the clear on the server: it may have no name, and the type that says nothing.
 * @param query as in the address, with its question mark, or empty
 */
export function refuseUpload(
  method: string,
  segments: readonly string[],
  query: string,
  contentType: string | undefined,
): Refusal | undefined {
  if (method !== "POST" || segments.join("/") !== "_matrix/media/v3/upload") return undefined;
  if (query === "" && contentType === "application/octet-stream") return undefined;
  return forbidden(
    "A file is uploaded without a name, and as application/octet-stream: the server can read both.",
  );
}

function forbidden(error: string): Refusal {
  return { status: 403, errcode: "M_FORBIDDEN", error };
}

function isAbsentOr(pattern: RegExp, value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && pattern.test(value));
}

/** Repeated keys are no way around: the last one counts, here and in Synapse's parser. */
function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
