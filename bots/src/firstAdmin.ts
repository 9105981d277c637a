import { randomBytes } from "node:crypto";
import {
  base64url,
  ADMIN_ROLE,
  Audit,
  CommandId,
  formatInviteLink,
  idFromBytes,
  Instant,
  InviteId,
  InviteLink,
  OrgId,
  shownSecret,
} from "@hearth/protocol";
import { inviteCreate } from "./commands/inviteCreate.ts";
import { carryOut } from "./effects.ts";
import { silentLog } from "./log.ts";
import { connectHomeserver } from "./matrixBotSdk.ts";
import { adminsAt, readOrgState } from "./org/state.ts";
import { findRooms } from "./setup.ts";
import { registrationToken, secretHash } from "./secrets.ts";
import { botUserId } from "./settings.ts";

/**
 * The operator's way in: an invite link for an admin, made without asking anybody in the org. Meant for the first one,
 * and for an org whose admins are all gone. May be used while the bots run; they read the invite when it is accepted.
 * @param options.force also when there is an admin
 * @throws Error with a sentence that says what to do, or HomeserverError
 */
export async function createFirstAdminInvite(options: {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly serverName: string;
  readonly orgId: string;
  readonly webUrl: string;
  readonly force?: boolean;
}): Promise<{ link: string }> {
  const bot = botUserId(options.serverName);
  const orgId = OrgId.parse(options.orgId);
  const homeserver = connectHomeserver({
    url: options.homeserverUrl,
    asToken: options.asToken,
    botUserId: bot,
  });
  const rooms = await findRooms(homeserver, orgId);
  const orgRoom = rooms.find((room) => room.type === "org.hearth.org" && room.creator === bot);
  if (!orgRoom) throw new Error(`The org "${orgId}" is not set up yet: start the bots, then try again.`);
  const readOrg = async () => readOrgState(await homeserver.roomState(orgRoom.id), bot);
  const org = await readOrg();
  const now = Date.now();
  if (!options.force && adminsAt(org, now).length > 0)
    throw new Error("There is an admin already: ask them for an invite.");

  const invite = InviteId.parse(idFromBytes(randomBytes(16)));
  const secret = base64url(randomBytes(32));
  const tokenFor = (id: InviteId) => registrationToken(options.asToken, id);
  const args = { invite, secret_hash: secretHash(shownSecret(secret)), roles: [ADMIN_ROLE] };
  const plan = inviteCreate.plan(
    {
      actor: bot,
      at: now,
      now,
      org,
      orgId,
      orgRoomId: orgRoom.id,
      botUserId: bot,
      onboarding: undefined,
      shortTimes: false,
      tokenFor,
    },
    args,
  );
  if (!plan.ok) throw new Error(plan.message);
  // On record like every other change, in the name of the bot: the operator is nobody whom the org knows. [P9]
  const commandId = CommandId.parse(idFromBytes(randomBytes(16)));
  await homeserver.sendEvent(
    orgRoom.id,
    Audit.type,
    Audit.schema.parse({
      v: 1,
      command_id: commandId,
      actor: bot,
      name: "invite create",
      args: { invite, roles: args.roles },
      at: Instant.parse(now),
    }),
    `audit-${commandId}`,
  );
  for (const effect of plan.effects)
    await carryOut(effect, {
      homeserver,
      orgRoomId: orgRoom.id,
      rooms: () => rooms,
      readOrg,
      now: () => now,
      log: silentLog,
    });
  return {
    link: formatInviteLink(options.webUrl, {
      org: orgId,
      bot,
      invite,
      token: tokenFor(invite),
      // Who comes when there is a roster already does not found another one.
      roster: InviteLink.shape.roster.parse(plan.data?.["roster"]),
      secret,
    }),
  };
}
