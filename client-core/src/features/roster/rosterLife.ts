import type { UserId } from "@hearth/protocol";
import type { SignedInSession } from "../../session/api.ts";
import { cryptoOf } from "../../sdk/patches.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import type { OwnProfile } from "../../org/ownProfile.ts";
import { Recipients } from "../people/recipients.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import { RosterAdmin } from "./admin.ts";
import { RosterAuthority } from "./authority.ts";
import { RosterBook } from "./book.ts";
import { OwnDevices } from "./ownDevices.ts";

export type RosterListener = {
  /** Whom admins have signed has changed; who gets keys goes by it already. */
  onRosterChange(): void;
  /** Somebody's identity was replaced, or accepted; the next messages go to what it is now. */
  onIdentityChange(userId: UserId): void;
};

/** Who may receive keys, put together: the signed list, the filter that goes by it, and what is said and told of it. [P8] */
export class RosterLife {
  readonly book: RosterBook;
  /** Whose grants and wipes count. */
  readonly authority: RosterAuthority;
  readonly ownDevices: OwnDevices;
  readonly recipients: Recipients;
  readonly admin: RosterAdmin;
  readonly #session: SignedInSession;
  readonly #rooms: RoomBook;
  /** Whom the roster listed when that was last looked at. */
  #listed: ReadonlySet<UserId> = new Set();

  constructor(
    session: SignedInSession,
    rooms: RoomBook,
    { bot, ownProfile }: { readonly bot: BotCommands; readonly ownProfile: OwnProfile },
    listener: RosterListener,
  ) {
    const { client } = session;
    const org = () => rooms.org;
    const now = () => rooms.now();
    this.#session = session;
    this.#rooms = rooms;
    this.book = new RosterBook(session, () =>
      background(session, "changing the roster", this.#changed(listener)),
    );
    this.authority = new RosterAuthority(client, () => this.book.roster);
    session.rosterRecord.onNewKey(() => background(session, "changing the signing key", this.admin.look()));
    this.ownDevices = new OwnDevices(session, this.book, this.authority, () => this.read());
    this.recipients = new Recipients({
      client,
      org,
      roster: this.book,
      now,
      onChange: (userId) =>
        background(
          session,
          "changing recipients",
          this.#renewKeysOf(userId).then(() => listener.onIdentityChange(userId)),
        ),
    });
    this.admin = new RosterAdmin({
      session,
      book: this.book,
      bot,
      ownProfile,
      org,
      now,
      masterKeyOf: (userId) => this.recipients.masterKeyOf(userId),
      ownMasterKey: async () => (await cryptoOf(client).getCrossSigningKeyId()) ?? undefined,
    });
  }

  async load(): Promise<void> {
    await this.book.load();
    this.#listed = new Set(this.book.roster.current.keys());
  }

  /** First of all, and before anybody hears of it: who is not listed any more gets no key that was made for them. */
  async #changed(listener: RosterListener): Promise<void> {
    const before = this.#listed;
    this.#listed = new Set(this.book.roster.current.keys());
    await this.recipients.rosterChanged();
    for (const userId of before) if (!this.#listed.has(userId)) await this.#renewKeysOf(userId);
    listener.onRosterChange();
  }

  async #renewKeysOf(userId: UserId): Promise<void> {
    for (const room of this.#rooms.sealed())
      if (room.state.membership(userId) !== "leave") await this.recipients.renewKeys(room.roomId);
  }

  /** Reads on in what the org room's state has. */
  read(): void {
    const { org } = this.#rooms;
    if (org) background(this.#session, "reading the roster", this.book.take(org));
  }

  /** Says what is this admin's to say, if anything is. */
  lookAfter(): void {
    background(this.#session, "looking after the roster", this.admin.look());
  }

  dispose(): void {
    this.recipients.dispose();
    this.ownDevices.dispose();
    this.admin.dispose();
  }
}
