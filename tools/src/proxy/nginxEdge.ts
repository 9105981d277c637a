// The allow-list for a production edge that runs nginx, written from the same data as the one of `npm start`. The edge
// judges the request's line as it came over the wire: nginx's own reading of a path merges slashes, resolves dots and
// decodes, so that two spellings of a path would be one to it and two to Synapse.
import type { AllowList } from "./allowListFile.ts";
import { notOffered } from "./proxy.ts";
import { signsOf } from "./pattern.ts";

const HEADER = (what: string) => `# ${what}
# Written by \`npm run edge\` from synapse-config/allow-list.json; a test fails when the two differ.
# docs/operations/edge.md says where it goes.
`;

/** What is committed for an edge: path below the project's root, and text. */
export function edgeFiles(list: AllowList): ReadonlyMap<string, string> {
  return new Map([
    ["synapse-config/edge/nginx-http.conf", nginxMap(list)],
    ["synapse-config/edge/nginx-server.conf", nginxLocations()],
  ]);
}

/**
 * Goes into nginx's `http { }`: sets `$hearth_allowed` to 1 for a request that is on the list, to 0 for every other.
 * What a browser may spell in two ways (`:` or `%3A`) is allowed in both; what can't be plain, in none.
 */
function nginxMap({ parameters, requests }: AllowList): string {
  const patterns = new Map(
    [...parameters.values()].map(({ name, pattern }) => [`{${name}}`, onTheWire(pattern)]),
  );
  const rows = requests.map(({ methods, path }) => {
    const segments = path.split("/").map((part) => patterns.get(part) ?? part.replaceAll(".", "\\."));
    const method = methods.length === 1 ? methods[0] : `(?:${methods.join("|")})`;
    return `    "~^${method} ${segments.join("/")}(?:\\?|$)" 1;\n`;
  });
  return `${HEADER("Which requests may pass, by method and path as they came over the wire.")}
map "$request_method $request_uri" $hearth_allowed {
    default 0;
    # First, because the first that fits counts: a name may have dots, but no segment is one or two of them alone.
    "~^\\S+ [^?]*/\\.\\.?(?:[/?]|$)" 0;
${rows.join("")}}
`;
}

/** Goes into nginx's `server { }`: refuses what is not on the list and passes the rest to `upstream hearth`. */
function nginxLocations(): string {
  const { status, errcode, error } = notOffered;
  const body = JSON.stringify({ errcode, error }).replaceAll("'", "\\'");
  if (/\\[^']|\$/.test(body)) throw new Error("the refusal has signs that nginx would read as its own");
  return `${HEADER("What becomes of a request: to Hearth's web server, which looks at bodies, or refused here.")}
location ~* ^/_(matrix|synapse) {
    default_type application/json;
    add_header Cache-Control no-store;
    if ($hearth_allowed = 0) {
        return ${status} '${body}';
    }
    proxy_pass http://hearth;
}
location / {
    proxy_pass http://hearth;
}

# Long polls and downloads stream; a body is small by rule, and the web server says so with a sentence.
client_max_body_size 2m;
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Cookie "";
proxy_buffering off;
proxy_read_timeout 180s;
`;
}

/** Characters of ids that an encoder may or may not write as an escape; a slash it must. */
const ESCAPED = ["!", "$", ":", "@", "+", "=", "/"];

/** A pattern of decoded characters as one of what stands in a request's line. */
function onTheWire(pattern: string): string {
  const signs = signsOf(pattern) ?? [];
  const text = signs
    .map(({ kind, text: sign }) => (kind === "group" ? openGroup(sign) : oneOnTheWire(sign)))
    .join("");
  return signs.some(({ text: sign }) => sign === "|") ? `(?:${text})` : text;
}

/** nginx would keep what a plain group matched. */
function openGroup(sign: string): string {
  return sign === "(" ? "(?:" : sign;
}

function oneOnTheWire(sign: string): string {
  const matches = new RegExp(`^${sign}$`);
  const escapes = ESCAPED.filter((character) => matches.test(character)).map(escapeOf);
  if (escapes.length === 0) return sign;
  const plain = matches.test("/") ? sign.replace("/", "") : sign;
  return `(?:${plain}|%(?:${escapes.join("|")}))`;
}

/** `3[Aa]` for a colon. */
function escapeOf(character: string): string {
  const hex = character.charCodeAt(0).toString(16).toUpperCase();
  return hex.replace(/[A-F]/, (letter) => `[${letter}${letter.toLowerCase()}]`);
}
