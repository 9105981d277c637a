import { DeviceId, WIPE_ANSWER_MS } from "@hearth/protocol";
import type { CommandName } from "@hearth/protocol";
import { admin, dispatcher, INVITE, NOW, outsider, responder, SECRET } from "./org.ts";
import { secretHash } from "../secrets.ts";
import { founded } from "./signers.ts";
import { ADMIN_ROOM, ONBOARDING, ORG_ROOM, type Stage, type Step } from "./stage.ts";
import { wipeOf } from "./wipes.ts";
import { COMMANDS as DEFINED } from "@hearth/protocol";
import type { Plain } from "../commands/registry.ts";

const { first } = await founded();
const phone = wipeOf("PHONE");
const record = await phone.record();

const REQUEST_ID = "A".repeat(22);
const MEDIA = ["mxc://example.test/one", "mxc://example.test/two", "mxc://example.test/of-somebody-else"];

const asked = (name: CommandName, args: object, who = admin, room = ORG_ROOM): Step => {
  return (stage) => stage.ask(who, room, name, args);
};

const access = asked(
  "access ask",
  { request: REQUEST_ID, device: "PHONE", kind: "window", code: "new_device", from: NOW - 1000, to: NOW },
  responder,
);
const signRoster = asked("roster sign", { statement: first });
const wishWipe: Step = (stage) => stage.type(admin, `!hearth wipe ${responder}`);
const invited = asked("invite create", {
  invite: INVITE,
  secret_hash: secretHash(SECRET),
  roles: ["responder"],
});

/** The responder's phone, with the server's half of its key. */
const withPhone: Step = ({ server: { data } }) => {
  data.devices.set(responder, new Set([phone.device, DeviceId.parse("LAPTOP")]));
  data.halves.add(`${responder} ${phone.device}`).add(`${responder} LAPTOP`);
};
const signWipe: Step = (stage) =>
  stage.ask(admin, ORG_ROOM, "wipe sign", {
    user: responder,
    device: phone.device,
    device_key: phone.device_key,
    record,
  });
const untilUnanswered: Step = (stage) => stage.later(WIPE_ANSWER_MS + 1);

/** Comes by the invite, as far as into the org room, and stays until the bot has purged what they met in. */
export function joins(who = outsider): Step[] {
  return [
    (stage) => stage.openOnboarding(who),
    (stage) => stage.ask(who, ONBOARDING, "invite accept", { invite: INVITE, secret: SECRET }),
    (stage) => stage.arrive(who),
    (stage) => stage.later(61_000),
  ];
}

/**
 * For each command a story in the small org in which it is given and does all that it can do. Total: a command without
 * one does not compile, unless it only writes what its definition says: such a one is given as its example has it.
 */
const STORIES: { readonly [Name in Exclude<CommandName, Plain>]: readonly Step[] } & {
  readonly [Name in Plain]?: readonly Step[];
} = {
  help: [asked("help", { command: "help" })],
  "invite create": [invited, (stage) => stage.type(admin, "!hearth invite create responder")],
  "invite list": [invited, asked("invite list", {})],
  "invite revoke": [invited, asked("invite revoke", { invite: INVITE })],
  "invite accept": [(stage: Stage) => stage.invite(INVITE, ["dispatcher", "responder"]), ...joins()],
  "roster sign": [signRoster],
  "role grant": [
    asked("role grant", { user: responder, role: "dispatcher" }),
    asked("role grant", { user: dispatcher, role: "admin" }),
  ],
  "role revoke": [
    asked("role grant", { user: responder, role: "admin" }),
    asked("role revoke", { user: responder, role: "admin" }, responder),
  ],
  wipe: [wishWipe, (stage) => stage.ask(admin, ADMIN_ROOM, "wipe", { user: dispatcher, device: "TABLET" })],
  "wipe sign": [withPhone, signRoster, wishWipe, signWipe, untilUnanswered],
  "wipe done": [withPhone, signRoster, signWipe, asked("wipe done", { target: phone.target })],
  "wipe dismiss": [wishWipe, asked("wipe dismiss", { user: responder })],
  "member remove": [
    // A creator of a room, who has key backups and an own device.
    ({ server: { data } }) => {
      data.backups.set(dispatcher, { versions: 2, key: true });
      data.devices.set(dispatcher, new Set([DeviceId.parse("TABLET")]));
    },
    asked("member remove", { user: dispatcher }),
    asked("member remove", { user: responder }, responder),
  ],
  "policy show": [asked("policy show", {})],
  "policy set": [asked("policy set", { retention: "P60D", lock_idle: "PT5M" })],
  "access ask": [access],
  "access withdraw": [access, asked("access withdraw", { request: REQUEST_ID }, responder)],
  "access answer": [
    access,
    asked("access answer", { user: responder, request: REQUEST_ID, answer: "given", sessions: 3 }),
    asked("access answer", { user: responder, request: REQUEST_ID, answer: "revoked" }),
  ],
  "access clean": [
    ({ server: { data } }) => {
      data.media.set(admin, new Set([...MEDIA.slice(0, 2), "mxc://example.test/another"]));
      data.media.set(responder, new Set(MEDIA.slice(2)));
    },
    asked("access clean", { request: REQUEST_ID, media: MEDIA }),
  ],
};

/**
 * An org's first minutes, from nothing: it is set up, an admin joins by the operator's invite, makes another one, gives
 * a role, changes the policy; somebody opens a request.
 */
export const FIRST_MINUTES: readonly Step[] = [
  () => {},
  (stage) => {
    // A member of long standing, whom the bot finds.
    stage.member(dispatcher, []);
    stage.invite(INVITE, ["admin"]);
  },
  ...joins(admin),
  (stage) => {
    stage.server.join(admin, ADMIN_ROOM);
    stage.ask(admin, ADMIN_ROOM, "invite create", {
      invite: "B".repeat(22),
      secret_hash: secretHash(SECRET),
      roles: ["responder"],
    });
  },
  (stage) => {
    stage.server.join(dispatcher, ORG_ROOM);
    stage.ask(admin, ORG_ROOM, "role grant", { user: dispatcher, role: "dispatcher" });
    stage.ask(admin, ORG_ROOM, "policy set", { retention: "P60D" });
    stage.openRequest(dispatcher);
    stage.ask(admin, ORG_ROOM, "help", { command: "help" });
  },
];

export function storyOf(name: CommandName): readonly Step[] {
  return STORIES[name] ?? [asked(name, DEFINED[name].example)];
}
