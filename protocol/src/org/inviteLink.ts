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
 * Reads a link's fragment (with or without its `#`) or a whole link, also from what surrounds it in a mail or a message:
 * brackets, a sentence, line breaks inside it, `&amp;`, a `#` that was escaped.
 * @returns undefined when something is missing or damaged: the person should ask for a new link
 */
export function parseInviteLink(text: string): InviteLink | undefined {
  const plain = text.replaceAll(/&(?:amp|#38|#x26);/gi, "&").replaceAll(/[\u200B\u2060\uFEFF]/g, "");
  for (const piece of plain.split(/[\s<>()[\]{}"“”«»]+/)) {
    const found = read(piece) ?? read(piece.replace(/[.,;:!?'’*_|]+$/, ""));
    if (found) return found;
  }
  // Broken into lines: put together again, it ends where its secret does, whatever word comes after it.
  const [joined] = /org=[^\s].*secret=[A-Za-z0-9_-]{43}/.exec(plain.replaceAll(/[\s>|]+/g, "")) ?? [];
  return joined !== undefined && /\s/.test(plain.trim()) ? read(joined) : undefined;
}

function read(piece: string): InviteLink | undefined {
  const at = piece.search(/org=/);
  if (at < 0 || !/^$|[#?&/]$|%23$/i.test(piece.slice(0, at))) return undefined;
  const parsed = InviteLink.safeParse(Object.fromEntries(new URLSearchParams(piece.slice(at))));
  return parsed.success ? parsed.data : undefined;
}
