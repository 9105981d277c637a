import type { UserId } from "@hearth/protocol";
import type { CommandArg } from "../../contract/index.ts";
import { Refusal } from "../../session/failures.ts";
import { userOrRefuse } from "../../workspace/refusals.ts";
import { KEYS_CHANGED } from "./admin.ts";
import type { RosterLife } from "./rosterLife.ts";

/** What people say of whom the roster lists, and of the keys that somebody has now. */
export class RosterCommands {
  readonly #roster: RosterLife;
  readonly #onAccepted: (userId: UserId) => void;

  /** @param onAccepted somebody who got no keys gets them from now on */
  constructor(roster: RosterLife, onAccepted: (userId: UserId) => void) {
    this.#roster = roster;
    this.#onAccepted = onAccepted;
  }

  async acceptIdentity(arg: CommandArg<"member.acceptIdentity">): Promise<void> {
    const { recipients, admin } = this.#roster;
    const userId = userOrRefuse(arg.userId);
    if (arg.code !== undefined && recipients.rosterOf(userId).code !== arg.code)
      throw new Refusal("conflict", KEYS_CHANGED);
    await recipients.accept(userId);
    if (arg.code !== undefined) await admin.confirm(userId, arg.code);
    this.#onAccepted(userId);
  }

  async sign({ userId, says }: CommandArg<"roster.sign">): Promise<void> {
    await this.#roster.admin.follow(userOrRefuse(userId), says);
  }

  async believe({ code }: CommandArg<"roster.believe">): Promise<void> {
    await this.#roster.book.believe(code);
    this.#roster.read();
  }
}
