// What browsers may ask of the homeserver: this list, and nothing else. The Synapse module guards what goes into
// rooms; this list guards what no module sees (account data, device names, tags, push rules, uploads, profiles,
// reports), where a client's mistake would put plaintext on the server, and keeps the admin API out of reach.

import { SESSION_ID } from "./path.ts";

type Check = (value: string) => boolean;

const is =
  (pattern: RegExp): Check =>
  (value) =>
    pattern.test(value);

/** What may stand for `{name}` in a pattern. */
const parameters: Readonly<Record<string, Check>> = {
  room: is(/^![\w.:-]{1,255}$/),
  user: is(/^@[\w.=+:-]{1,255}$/),
  event: is(/^\$[\w-]{1,255}$/),
  eventType: is(/^[a-z][a-zA-Z0-9._-]{0,127}$/),
  stateKey: is(/^[\w.=+:@-]{0,255}$/),
  txn: is(/^[\w.:~=-]{1,255}$/),
  device: is(/^[\w-]{1,255}$/),
  receipt: is(/^(m\.read|m\.read\.private|m\.fully_read)$/),
  relation: is(/^m\.[a-z_]+$/),
  profileField: is(/^displayname$/),
  // Verification and requests for keys and secrets are plaintext by design and carry ids only. All else that Hearth
  // says to a device goes inside m.room.encrypted.
  toDevice: is(
    /^(m\.room\.encrypted|m\.room_key\.withheld|m\.room_key_request|m\.secret\.request|m\.key\.verification\.[a-z]+)$/,
  ),
  // Ciphertext under the recovery key, public keys, and the switch that says a person wants no key backup.
  // And the server's half of a device's root key: a random number (proxy/bodies.ts sees to that), under an id as
  // Synapse makes them for devices.
  accountData: is(
    /^(org\.hearth\.unlock\.[A-Z]{10}|m\.cross_signing\.(master|self_signing|user_signing)|m\.secret_storage\.(default_key|key\.\w{1,64})|m\.megolm_backup\.v1|m\.org\.matrix\.custom\.backup_disabled|org\.hearth\.roster_key)$/,
  ),
  backupVersion: is(/^\d{1,20}$/),
  session: is(SESSION_ID),
  server: is(/^[\w.:-]{1,255}$/),
  media: is(/^[\w-]{1,255}$/),
  filter: is(/^\d{1,20}$/),
};

/** Methods and path below /_matrix/client/. A pattern that ends in `/` is one with a trailing slash. */
const allowed: readonly string[] = [
  "GET versions",
  "GET v3/login",
  "POST v3/login",
  "POST v3/logout",
  "POST v3/logout/all",
  "POST v3/refresh",
  "POST v3/register",
  "GET v3/register/available",
  "GET v1/register/m.login.registration_token/validity",
  "GET v3/account/whoami",
  "POST v3/account/password",
  "GET v3/password_policy",
  "GET v3/capabilities",
  // matrix-js-sdk asks for it at each start; Synapse says that it has none.
  "GET unstable/org.matrix.msc4143/rtc/transports",

  "GET v3/sync",
  "POST unstable/org.matrix.simplified_msc3575/sync",
  "POST v3/user/{user}/filter",
  "GET v3/user/{user}/filter/{filter}",
  "GET v3/pushrules",
  "GET v3/pushrules/",

  "POST v3/keys/upload",
  "POST v3/keys/query",
  "POST v3/keys/claim",
  "GET v3/keys/changes",
  "POST v3/keys/device_signing/upload",
  "POST v3/keys/signatures/upload",
  "PUT v3/sendToDevice/{toDevice}/{txn}",
  "GET v3/user/{user}/account_data/{accountData}",
  "PUT v3/user/{user}/account_data/{accountData}",
  "GET v3/room_keys/version",
  "POST v3/room_keys/version",
  "GET v3/room_keys/version/{backupVersion}",
  "PUT v3/room_keys/version/{backupVersion}",
  "DELETE v3/room_keys/version/{backupVersion}",
  "GET|PUT|DELETE v3/room_keys/keys",
  "GET|PUT|DELETE v3/room_keys/keys/{room}",
  "GET|PUT|DELETE v3/room_keys/keys/{room}/{session}",

  // Not PUT: it would set a device's name.
  "GET v3/devices",
  "GET|DELETE v3/devices/{device}",
  "POST v3/delete_devices",
  "GET v3/profile/{user}",
  "GET v3/profile/{user}/{profileField}",

  "POST v3/createRoom",
  "GET v3/joined_rooms",
  "POST v3/join/{room}",
  "POST v3/rooms/{room}/join",
  "POST v3/rooms/{room}/invite",
  "POST v3/rooms/{room}/leave",
  "POST v3/rooms/{room}/kick",
  "GET v3/rooms/{room}/messages",
  "GET v3/rooms/{room}/members",
  "GET v3/rooms/{room}/joined_members",
  "GET v3/rooms/{room}/event/{event}",
  "GET v3/rooms/{room}/context/{event}",
  "GET v3/rooms/{room}/state",
  "GET|PUT v3/rooms/{room}/state/{eventType}",
  "GET|PUT v3/rooms/{room}/state/{eventType}/{stateKey}",
  "PUT v3/rooms/{room}/send/{eventType}/{txn}",
  "PUT v3/rooms/{room}/redact/{event}/{txn}",
  "POST v3/rooms/{room}/receipt/{receipt}/{event}",
  "POST v3/rooms/{room}/read_markers",
  "PUT v3/rooms/{room}/typing/{user}",
  "GET v1/rooms/{room}/relations/{event}",
  "GET v1/rooms/{room}/relations/{event}/{relation}",
  "GET v1/rooms/{room}/relations/{event}/{relation}/{eventType}",

  // Without a file name at the end: it would stand in the server's logs.
  "GET v1/media/config",
  "GET v1/media/download/{server}/{media}",
  "GET v1/media/thumbnail/{server}/{media}",
];

interface Rule {
  readonly methods: ReadonlySet<string>;
  readonly segments: readonly Check[];
}

/**
 * The one request outside /_matrix/client/: encrypted files. What is in them nobody here can tell from noise; their
 * names and types the proxy does not let through (`bodies.ts`).
 */
const upload = "POST _matrix/media/v3/upload";

const rules: readonly Rule[] = [...allowed.map((line) => line.replace(" ", " _matrix/client/")), upload].map(
  (line) => {
    const [methods = "", pattern = ""] = line.split(" ");
    return { methods: new Set(methods.split("|")), segments: pattern.split("/").map(checkFor) };
  },
);

function checkFor(part: string): Check {
  const name = /^\{(\w+)\}$/.exec(part)?.[1];
  if (name === undefined) return (value) => value === part;
  const check = parameters[name];
  if (!check) throw new Error(`the allow-list names {${name}}, which is not a parameter`);
  return check;
}

/**
 * Whether a request is on the list.
 * @param segments decoded segments of the path, from `plainPath`
 */
export function isAllowed(method: string, segments: readonly string[]): boolean {
  return rules.some(
    (rule) =>
      rule.methods.has(method) &&
      rule.segments.length === segments.length &&
      rule.segments.every((check, index) => check(segments[index] ?? "")),
  );
}
