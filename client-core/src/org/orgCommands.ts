import {
  base64url,
  CATALOGUE,
  Duty,
  Duration,
  formatInviteLink,
  idFromBytes,
  InviteId,
  InviteLink,
  Profile,
  RoleId,
  shownSecret,
  UserId,
  unknownFields,
  type CommandArgs,
  type OrgDeed,
} from "@hearth/protocol";
import { z } from "zod";
import type { CommandArg, CommandValue } from "../contract/index.ts";
import type { SignedInSession } from "../session/api.ts";
import { Refusal } from "../session/failures.ts";
import { refusesStorage } from "../session/storage/storageRule.ts";
import type { BotCommands } from "./botCommands.ts";
import type { Org } from "./org.ts";
import type { OwnProfile } from "./ownProfile.ts";
import { NOT_FOR_SCREENS } from "../workspace/refusals.ts";
import type { RosterAdmin } from "../features/roster/admin.ts";

/** What people do to the organisation: through its bot, save what everybody writes of themselves. */
export class OrgCommands {
  readonly #session: SignedInSession;
  readonly #bot: BotCommands;
  readonly #profile: OwnProfile;
  readonly #roster: RosterAdmin;
  readonly #org: () => Org;

  constructor(
    session: SignedInSession,
    { bot, ownProfile }: { readonly bot: BotCommands; readonly ownProfile: OwnProfile },
    roster: RosterAdmin,
    org: () => Org,
  ) {
    this.#session = session;
    this.#bot = bot;
    this.#profile = ownProfile;
    this.#roster = roster;
    this.#org = org;
  }

  async setDuty({ onDuty }: CommandArg<"duty.set">): Promise<void> {
    const { userId } = this.#session;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(this.#org().roomId)}/state/${Duty.type}/${encodeURIComponent(userId)}`;
    const content = Duty.schema.parse({
      ...unknownFields(Duty.schema, this.#org().duty.get(userId)),
      v: 1,
      on_duty: onDuty,
      since: this.#session.now(),
    });
    await this.#session.request("PUT", path, content);
  }

  async saveProfile(arg: CommandArg<"profile.save">): Promise<void> {
    const { displayName, ...rest } = arg;
    const filled = Object.fromEntries(
      Object.entries(rest).filter(([, value]) => value !== undefined && value !== ""),
    );
    // Said by the client, not typed: whoever saves their name and hours leaves these as they are.
    await this.#profile.change(this.#org().roomId, (now) => {
      const { signing_key, cannot_forget } = now ?? {};
      const kept = { ...(signing_key ? { signing_key } : {}), ...(cannot_forget ? { cannot_forget } : {}) };
      const later = unknownFields(Profile.schema, now);
      const profile = Profile.schema.safeParse({
        ...later,
        v: 1,
        display_name: displayName,
        ...filled,
        ...kept,
      });
      if (!profile.success) throw new Refusal("invalid", profileProblem(profile.error));
      return profile.data;
    });
  }

  /** The secret is made here and stands in the link only: the bot and the server learn its hash. */
  async createInvite(arg: CommandArg<"invite.create">): Promise<CommandValue<"invite.create">> {
    const org = this.#org();
    const invite = InviteId.parse(idFromBytes(randomBytes(16)));
    const secret = base64url(randomBytes(32));
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(shownSecret(secret)));
    const pin = await this.#roster.pinForInvite();
    const args: CommandArgs<"invite create"> = {
      invite,
      secret_hash: base64url(new Uint8Array(hash)),
      roles: arg.roles.map((role) => checked(RoleId, role, "There is no such role.")),
      ...(arg.note?.trim()
        ? {
            note: checked(
              z.string().max(100),
              arg.note.trim(),
              "The note is too long: at most 100 characters.",
            ),
          }
        : {}),
      ...(arg.expiresIn === undefined ? {} : { expires_in: checked(Duration, arg.expiresIn, BAD_DURATION) }),
    };
    await this.#roster.remember(invite, secret, args.roles);
    const answer = InviteAnswer.safeParse(await this.#bot.ask("invite create", args));
    if (!answer.success)
      throw new Refusal(
        "unexpected",
        "The organisation's bot answered something unknown. Reload Hearth, then try again.",
      );
    const link = InviteLink.parse({
      org: org.orgId,
      bot: org.botUserId,
      invite,
      token: answer.data.token,
      roster: pin,
      secret,
    });
    return {
      link: formatInviteLink(this.#session.baseUrl, link),
      inviteId: invite,
      expiresAt: answer.data.expires_at,
    };
  }

  async revokeInvite({ inviteId }: CommandArg<"invite.revoke">): Promise<void> {
    await this.do({ name: "invite revoke", args: { invite: inviteId } });
  }

  async grantRole(arg: CommandArg<"role.grant">): Promise<void> {
    const { user, role } = userAndRole(arg);
    await this.#bot.ask("role grant", { user, role });
    await this.#roster.rolesChanged(user, { given: role });
  }

  async revokeRole(arg: CommandArg<"role.revoke">): Promise<void> {
    const { user, role } = userAndRole(arg);
    await this.#bot.ask("role revoke", { user, role });
    await this.#roster.rolesChanged(user, { taken: role });
  }

  async removeMember({ userId }: CommandArg<"member.remove">): Promise<void> {
    const user = checked(UserId, userId, NO_SUCH_PERSON);
    await this.#roster.end(user);
    await this.#bot.ask("member remove", { user });
  }

  /** @throws Refusal for what a screen does not give, for arguments that are not valid, or with the bot's word */
  async do({ name, args }: CommandArg<"org.do">): Promise<CommandValue<"org.do">> {
    const definition = CATALOGUE.commands.get(name);
    if (definition?.givenBy !== "screen") throw new Refusal("refused", NOT_FOR_SCREENS);
    const parsed = definition.args.safeParse(args);
    if (!parsed.success) {
      const argument = String(parsed.error.issues[0]?.path[0]);
      throw new Refusal("invalid", definition.problems?.[argument] ?? NOT_VALID);
    }
    if (name === "policy set") this.#keepOwnStorage(parsed.data as CommandArgs<"policy set">);
    return this.#bot.ask(name, parsed.data as CommandArgs<typeof name>);
  }

  async setPolicy(arg: CommandArg<"policy.set">): Promise<void> {
    await this.do({ name: "policy set", args: arg as Extract<OrgDeed, { name: "policy set" }>["args"] });
  }

  /** Who would refuse the browser that they sit at would be signed out by their own word. */
  #keepOwnStorage({ device_storage }: CommandArgs<"policy set">): void {
    if (refusesStorage(device_storage, this.#session.storageKind))
      throw new Refusal(
        "conflict",
        "This browser is one of those that it would refuse. Set it from Chrome or Edge.",
      );
  }
}

const NOT_VALID = "Something in this is not valid. Reload Hearth, then try again.";
const InviteAnswer = z.object({ token: z.string(), expires_at: z.number() });

const NO_SUCH_PERSON = "There is no such person.";
const BAD_DURATION = "A duration is written like P14D (14 days), PT72H (72 hours) or PT30M (30 minutes).";

function checked<S extends z.ZodType>(schema: S, value: unknown, problem: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Refusal("invalid", problem);
  return parsed.data;
}

function userAndRole({ userId, role }: { userId: string; role: string }) {
  return {
    user: checked(UserId, userId, NO_SUCH_PERSON),
    role: checked(RoleId, role, "There is no such role."),
  };
}

const PROFILE_LABELS: Record<string, string> = {
  display_name: "The name must have 1 to 80 characters.",
  pronouns: "The pronouns are too long: at most 40 characters.",
  bio: "The text about you is too long: at most 1,000 characters.",
  phone: "The phone number is too long: at most 40 characters.",
  email: "The email address is too long: at most 200 characters.",
  colour: "The colour must be written like #3366aa.",
};

function profileProblem(error: z.ZodError): string {
  return PROFILE_LABELS[String(error.issues[0]?.path[0])] ?? "Something in the profile is not valid.";
}

function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}
