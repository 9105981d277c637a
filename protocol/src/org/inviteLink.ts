import { z } from "zod";
import { InviteId, OrgId, UserId } from "../ids.ts";
import { RosterHash } from "../roster/statement.ts";

/** What an invite link carries in its fragment, which a browser never sends to a server. */
export const InviteLink = z.object({
  org: OrgId,
  bot: UserId,
  invite: InviteId,
  /** Synapse's registration token: lets one account be made. */
  token: z.string().regex(/^[A-Za-z0-9._~-]{1,64}$/),
  /**
   * The newest statement of the roster as the inviter's client has it: the newcomer believes no roster without it.
   * `new` in an operator's link: the first admin, who founds the roster.
   */
  roster: z.union([z.literal("new"), RosterHash]),
  /** 32 random bytes, base64url. What is made of them proves to the bot and to the inviter who this person is. */
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
});
export type InviteLink = z.infer<typeof InviteLink>;

/** `https://origin/join/#org=…&bot=…&invite=…&token=…&roster=…&secret=…` */
export function formatInviteLink(webUrl: string, link: InviteLink): string {
  return `${webUrl.replace(/\/$/, "")}/join/#${new URLSearchParams(link).toString()}`;
}

/**
 * Reads a link's fragment (with or without its `#`) or a whole link.
 * @returns undefined when something is missing or damaged: the person should ask for a new link
 */
export function parseInviteLink(text: string): InviteLink | undefined {
  const fragment = text.includes("#") ? text.slice(text.indexOf("#") + 1) : text;
  const parsed = InviteLink.safeParse(Object.fromEntries(new URLSearchParams(fragment.trim())));
  return parsed.success ? parsed.data : undefined;
}
