// Turns a request's path into segments that mean the same to us and to Synapse. Whatever could be read in two ways
// (encoded slashes and dots, dot segments, double slashes, backslashes) is refused, so that a rule that matches here
// can't be about another path there. One thing excepted: the ids of Megolm sessions are base64, and half of them have a
// slash in them, so a segment of 43 such characters may.

/**
 * @param target a request target as it came over the wire, `/a/b?c=d`
 * @returns the decoded segments of its path and its query (with `?`, or empty), or undefined if the path is not plain.
 *   A trailing slash shows as a last segment that is empty.
 */
export function plainPath(target: string): { segments: string[]; query: string } | undefined {
  const [, path, query = ""] = /^(\/[^?#]*)(\?[^#]*)?$/.exec(target) ?? [];
  if (path === undefined || !/^[\w\-.~!$&'()*+,;=:@%/]*$/.test(path)) return undefined;
  const raw = path.slice(1).split("/");
  const segments: string[] = [];
  for (const [index, part] of raw.entries()) {
    const segment = decodeSegment(part);
    if (segment === undefined) return undefined;
    if (segment === "" && index < raw.length - 1) return undefined;
    segments.push(segment);
  }
  return { segments, query };
}

/** The one spelling of a path that has these segments. */
export function spellPath(segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join("");
}

/** As Megolm names its sessions: 32 bytes in base64 without padding. */
export const SESSION_ID = /^[A-Za-z0-9+/]{43}$/;

function decodeSegment(part: string): string | undefined {
  if (part === "." || part === ".." || /%(2e|5c|25)/i.test(part)) return undefined;
  try {
    const segment = decodeURIComponent(part);
    if (segment.includes("/") && !SESSION_ID.test(segment)) return undefined;
    // eslint-disable-next-line no-control-regex -- control characters are what this looks for
    return /[\u0000-\u001f\u007f]/.test(segment) ? undefined : segment;
  } catch {
    return undefined;
  }
}
