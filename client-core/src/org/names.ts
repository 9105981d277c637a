import {
  cleanText,
  handle,
  isolated,
  shortName,
  userIdFromMemberStateKey,
  type AccessState,
  type ProfileContent,
  type UserId,
} from "@hearth/protocol";
import unhomoglyph from "unhomoglyph";

export const BOT_NAME = "The organisation's bot";

/** Words of ours and of every team that somebody could pass for who is called so. */
const OURS = [BOT_NAME, "You", "Hearth", "Server", "System", "Bot", "Admin", "Dispatcher", "Dispatch"];

type Named = {
  readonly profiles: ReadonlyMap<UserId, ProfileContent>;
  readonly access: AccessState;
  readonly botUserId: UserId;
};

/**
 * What the people of an organisation are called wherever they are shown: as they say themselves, else as their account is
 * named. Whose name can be taken for somebody else's, for a handle, or for a role carries their handle:
 * "Sam (@sam-2)". Two who look alike both do, members of the past among them, whose messages are still there.
 */
export class ShownNames {
  readonly #org: Named;
  readonly #shown = new Map<UserId, string>();
  /** By what a name looks like: who is called so, by name or handle; `undefined` for a word of ours. */
  #owners: ReadonlyMap<string, ReadonlySet<UserId | undefined>> | undefined;

  constructor(org: Named) {
    this.#org = org;
  }

  of(userId: UserId): string {
    const known = this.#shown.get(userId);
    if (known !== undefined) return known;
    const shown = this.#make(userId);
    this.#shown.set(userId, shown);
    return shown;
  }

  /** Whether they are shown with their handle. */
  isConfusable(userId: UserId): boolean {
    const name = this.own(userId);
    if (userId === this.#org.botUserId || name === shortName(userId)) return this.#isTaken(userId, name);
    return /@|\(you\)/iu.test(name.normalize("NFKC")) || this.#isTaken(userId, name);
  }

  /** As they wrote it themselves, on one line; the name of their account when that shows nothing. */
  own(userId: UserId): string {
    const written = cleanText(this.#org.profiles.get(userId)?.display_name ?? "")
      .replace(/\s+/gu, " ")
      .trim();
    return isVisible(written) ? written : shortName(userId);
  }

  #make(userId: UserId): string {
    const { botUserId } = this.#org;
    if (userId === botUserId) return BOT_NAME;
    const name = isolated(this.own(userId));
    return this.isConfusable(userId) ? `${name} (${handle(userId, botUserId)})` : name;
  }

  #isTaken(userId: UserId, name: string): boolean {
    this.#owners ??= ownersOf(this.#org, (id) => this.own(id));
    return looksOf(name).some((look) => {
      const owners = this.#owners?.get(look);
      return owners !== undefined && (owners.size > 1 || !owners.has(userId));
    });
  }
}

function ownersOf(
  { access, profiles }: Named,
  nameOf: (userId: UserId) => string,
): ReadonlyMap<string, ReadonlySet<UserId | undefined>> {
  const owners = new Map<string, Set<UserId | undefined>>();
  const add = (name: string, owner: UserId | undefined) => {
    for (const look of looksOf(name)) {
      const those = owners.get(look);
      if (those) those.add(owner);
      else owners.set(look, new Set([owner]));
    }
  };
  const members = [...access.members.keys()].flatMap((key) => userIdFromMemberStateKey(key) ?? []);
  for (const userId of new Set([...members, ...profiles.keys()])) {
    add(nameOf(userId), userId);
    add(shortName(userId), userId);
  }
  for (const word of OURS) add(word, undefined);
  for (const [id, role] of access.roles) {
    add(id, undefined);
    add(role.name, undefined);
  }
  return owners;
}

/** Names change seldom, and what they look like is asked at every change of anybody's. */
const LOOKS = new Map<string, readonly string[]>();
const MOST_LOOKS = 5000;

/**
 * What a name looks like: the same for names that can be confused. The skeleton of UTS #39, and beyond it width, case,
 * accents, spaces, punctuation and what is invisible make no difference, nor do i, l and 1. Several, because a letter's
 * capital and small form look like different things (Cyrillic В like B, в like nothing Latin).
 */
export function looksOf(name: string): readonly string[] {
  const known = LOOKS.get(name);
  if (known) return known;
  const plain = name.normalize("NFKC");
  const looks = [...new Set([plain, plain.toLowerCase(), plain.toUpperCase()].map(skeleton))];
  if (LOOKS.size >= MOST_LOOKS) LOOKS.clear();
  LOOKS.set(name, looks);
  return looks;
}

/** The library looks a letter up in all of its table, and people's names have few letters. */
const LETTERS = new Map<string, string>();

function prototypesOf(text: string): string {
  let all = "";
  for (const letter of text) {
    let prototype = LETTERS.get(letter);
    if (prototype === undefined) LETTERS.set(letter, (prototype = unhomoglyph(letter)));
    all += prototype;
  }
  return all;
}

function skeleton(text: string): string {
  const bare = withoutMarks(prototypesOf(withoutMarks(text)).toLowerCase());
  const letters = prototypesOf(bare)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "")
    .replace(/[i1]/gu, "l")
    .replace(/vv/gu, "w");
  // A name of pictures alone looks like itself.
  return letters === "" ? bare : letters;
}

function withoutMarks(text: string): string {
  return text.normalize("NFD").replace(/[\p{M}\p{Default_Ignorable_Code_Point}\s]/gu, "");
}

function isVisible(text: string): boolean {
  return /[^\s\p{M}\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
