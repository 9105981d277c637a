import { formatInviteLink, InviteId, InviteLink, parseCommandText, shownSecret } from "@hearth/protocol";
import type { CommandId, OrgId, UserId } from "@hearth/protocol";
import type { RawEvent } from "./homeserver.ts";
import { commandIdOf, secretHash, textInviteSecret } from "./secrets.ts";

/** A command typed in the admin room, or why it can't be read. */
type TextCommand = { readonly id: CommandId } & (
  | { readonly problem: string }
  | {
      readonly name: string;
      readonly args: Readonly<Record<string, unknown>>;
      readonly text: { readonly addition?: (data: Readonly<Record<string, unknown>>) => string };
    }
);

/**
 * Reads a message of the admin room.
 * @returns undefined for one that is no command
 */
export function readTextCommand(
  event: RawEvent,
  options: {
    readonly asToken: string;
    readonly webUrl: string;
    readonly botUserId: UserId;
    readonly orgId: OrgId;
  },
): TextCommand | undefined {
  const { msgtype, body } = event.content;
  if (msgtype !== "m.text" || typeof body !== "string") return undefined;
  const serverName = options.botUserId.slice(options.botUserId.indexOf(":") + 1);
  const parsed = parseCommandText(body, { serverName });
  if (!parsed) return undefined;
  const id = commandIdOf(event.event_id);
  if (!parsed.ok) return { id, problem: parsed.message };
  const { name, args } = parsed;
  if (name !== "invite create") return { id, name, args, text: {} };

  // A client makes an invite's secret itself. Who types has none, so it is made here, from the command's id: carried
  // on after a crash, the command gives the same link.
  const invite = InviteId.parse(id);
  const secret = textInviteSecret(options.asToken, invite);
  return {
    id,
    name,
    args: { roles: [], ...args, invite, secret_hash: secretHash(shownSecret(secret)) },
    text: {
      addition: ({ token, roster }) =>
        [
          formatInviteLink(
            options.webUrl,
            InviteLink.parse({
              org: options.orgId,
              bot: options.botUserId,
              invite,
              token,
              roster,
              secret,
            }),
          ),
          "Send it to that one person over a channel you trust. The server has now seen this link; one made in the app's Team page it never sees. So whoever comes by it gets no keys until an admin has compared codes with them on the Team page.",
        ].join("\n"),
    },
  };
}
