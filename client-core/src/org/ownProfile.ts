import { Profile, readContent, type ProfileContent, type RoomId } from "@hearth/protocol";
import { Refusal } from "../session/failures.ts";
import { HttpFailure, type SignedInSession } from "../session/api.ts";
import { Turns } from "../work/turns.ts";

const NEWER =
  "Your profile was written with a newer version of Hearth. Change it there, or reload this page to get that version.";

/**
 * What this person has written of themselves into the organisation's room. Several parts of the client write some of it
 * each, so every change begins with what the server has now: what sync has brought may be older, and writing it back
 * would take away what another part, or another device, has said meanwhile.
 */
export class OwnProfile {
  readonly #session: Pick<SignedInSession, "userId" | "request">;
  readonly #turns = new Turns();

  constructor(session: Pick<SignedInSession, "userId" | "request">) {
    this.#session = session;
  }

  /**
   * One change after the other. Two devices that write in the same moment can still undo each other's: the server takes
   * the last.
   * @param roomId of the organisation
   * @param change gets undefined where there is none that is well-formed; returns undefined to leave all as it is
   * @throws HttpFailure when the server did not answer, or refused; Refusal when a newer version wrote it; what `change`
   *   throws
   */
  change(
    roomId: RoomId,
    change: (now: ProfileContent | undefined) => ProfileContent | undefined,
  ): Promise<void> {
    const { userId, request } = this.#session;
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/state/${Profile.type}/${encodeURIComponent(userId)}`;
    return this.#turns.take(async () => {
      const wanted = change(await this.#read(path));
      if (wanted) await request("PUT", path, wanted);
    });
  }

  async #read(path: string): Promise<ProfileContent | undefined> {
    try {
      const read = readContent(Profile, await this.#session.request<unknown>("GET", path));
      if (read.ok) return read.content;
      // To write over it would take away what it says.
      if (read.reason === "newer_version") throw new Refusal("conflict", NEWER);
      return undefined;
    } catch (error) {
      if (error instanceof HttpFailure && error.errcode === "M_NOT_FOUND") return undefined;
      throw error;
    }
  }
}
