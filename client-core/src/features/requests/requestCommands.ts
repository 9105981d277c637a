import {
  decideRequest,
  displayIdFor,
  entryFor,
  initialRequest,
  LogEntryId,
  UserId,
  type Decision,
  type NewEntry,
  type RequestCommand,
  type RequestRefusal,
  type RoomId,
} from "@hearth/protocol";
import type { CommandArg, CommandValue, FailureCode } from "../../contract/index.ts";
import type { SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { afterRunning } from "../../work/runningTime.ts";
import { EXAMPLES } from "./examples.ts";
import { isMember, nameOf, permissionsOfUser, requestManagers, type Org } from "../../org/org.ts";
import { isLocalRoom, type Work } from "../../outbox/items.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import { TOO_LARGE, willBeTooLarge } from "../../outbox/wire.ts";
import { withPending } from "./pending.ts";
import { NOT_FOR_SCREENS, orgOrRefuse } from "../../workspace/refusals.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import { requestIn } from "./projection.ts";

const CODES: Record<RequestRefusal, FailureCode> = {
  not_permitted: "not_permitted",
  already_open: "conflict",
  not_open_yet: "conflict",
  closed: "conflict",
  not_closed: "conflict",
  nothing_changed: "invalid",
  invalid: "invalid",
};

const INVITED_WITHIN_MS = 20_000;

/** What people do to requests: decided on what they see, then queued. Nothing here waits for the network but inviting. */
export class RequestCommands {
  readonly #session: SignedInSession;
  readonly #book: RoomBook;
  readonly #outbox: Outbox;
  readonly #resolve: (roomId: string) => string;
  readonly #invites = new Map<string, (failed: ReadonlyMap<UserId, string>) => void>();

  constructor(session: SignedInSession, book: RoomBook, outbox: Outbox, resolve: (roomId: string) => string) {
    this.#session = session;
    this.#book = book;
    this.#outbox = outbox;
    this.#resolve = resolve;
  }

  async open(arg: CommandArg<"request.open">): Promise<CommandValue<"request.open">> {
    const org = this.#org();
    const now = this.#session.now();
    const today = new Date(now);
    const displayId = displayIdFor(
      { month: today.getMonth() + 1, day: today.getDate() },
      new TextEncoder().encode(this.#session.randomId()),
    );
    // The decision says in words what is wrong with a field; a type that no screen sends is refused before it.
    const fields = arg.fields;
    const [entry] = this.#decided(
      decideRequest(initialRequest(), { kind: "open", displayId, fields }, this.#actor(org), now),
    );
    if (!entry) throw new Error("an opening is one entry");
    const invite = this.#members(org, arg.invite);
    const roomId = `local-${this.#session.randomId()}`;
    const people = [...new Set([...requestManagers(org, this.#book.now()), ...invite])].filter(
      (userId) => userId !== this.#session.userId,
    );
    await this.#outbox.add(roomId, [
      { kind: "create", invite: people },
      this.#entry(entry),
      { kind: "lifecycle", state: "open" },
    ]);
    return { roomId };
  }

  /** @throws Refusal for what a screen does not give, or with the sentence of the decision */
  async do({ roomId, deed }: CommandArg<"request.do">): Promise<void> {
    if (entryFor(deed.kind)?.ask.givenBy !== "screen") throw new Refusal("refused", NOT_FOR_SCREENS);
    await this.#command(roomId, deed);
  }

  close(arg: CommandArg<"request.close">): Promise<void> {
    const command: RequestCommand =
      arg.outcome === undefined ? { kind: "close" } : { kind: "close", outcome: arg.outcome };
    // The summary lets those who come later read how it ended without the history.
    return this.#command(arg.roomId, command, [
      { kind: "lifecycle", state: "closed" },
      { kind: "snapshot", entryId: this.#entryId() },
    ]);
  }

  reopen(arg: CommandArg<"request.reopen">): Promise<void> {
    return this.#command(arg.roomId, { kind: "reopen" }, [{ kind: "lifecycle", state: "open" }]);
  }

  async addPeople(arg: CommandArg<"request.addPeople">): Promise<CommandValue<"request.addPeople">> {
    const org = this.#org();
    const roomId = this.#resolve(arg.roomId);
    const room = this.#book.rooms.get(roomId as RoomId);
    if (!room)
      throw isLocalRoom(roomId)
        ? new Refusal("conflict", "This request has not been sent yet. Add people when it has.")
        : new Refusal("not_found", "This request is not here (any more).");
    const wanted = this.#members(org, arg.userIds).filter(
      (userId) => room.state.membership(userId) !== "join",
    );
    if (wanted.length === 0) return { added: [], failed: [] };
    if (room.state.power(this.#session.userId) < room.state.powerNeeded("invite"))
      throw new Refusal("not_permitted", "You can't add people to this request. Ask a dispatcher.");
    const [item] = await this.#outbox.add(roomId, [
      { kind: "invite", userIds: wanted },
      { kind: "snapshot", entryId: this.#entryId() },
    ]);
    const failed = await this.#invited(item?.localId ?? "");
    return {
      added: wanted.filter((userId) => !failed.has(userId)),
      failed: [...failed].map(([userId, message]) => ({
        userId,
        message: `${nameOf(org, userId)} could not be added: ${message}`,
      })),
    };
  }

  async addExamples(): Promise<void> {
    for (const fields of EXAMPLES) await this.open({ fields, invite: [] });
  }

  /** An invite item has been dealt with. */
  invited(localId: string, failed: ReadonlyMap<UserId, string>): void {
    this.#invites.get(localId)?.(failed);
  }

  #invited(localId: string): Promise<ReadonlyMap<UserId, string>> {
    return new Promise((resolve, reject) => {
      const stopWaiting = afterRunning(this.#session.clock, INVITED_WITHIN_MS, () => {
        this.#invites.delete(localId);
        reject(
          new Refusal("unreachable", "The server does not answer. They will be added as soon as it does."),
        );
      });
      this.#invites.set(localId, (failed) => {
        stopWaiting();
        this.#invites.delete(localId);
        resolve(failed);
      });
    });
  }

  async #command(id: string, command: RequestCommand, then: readonly Work[] = []): Promise<void> {
    const org = this.#org();
    const roomId = this.#resolve(id);
    const room = this.#book.rooms.get(roomId as RoomId);
    const items = this.#outbox.inRoom(roomId);
    if (!room && items.length === 0) throw new Refusal("not_found", "This request is not here (any more).");
    // Decided on the whole log, which after a reload is folded only when somebody needs it.
    if (room && !requestIn(room)) await this.#book.change(room.roomId, () => room.refold());
    const actor = this.#actor(org);
    const state = withPending(room, this.#outbox.inRoom(roomId), {
      ...actor,
      deviceId: this.#session.deviceId,
    });
    const entries = this.#decided(decideRequest(state, command, actor, this.#session.now()));
    await this.#outbox.add(roomId, [...entries.map((entry) => this.#entry(entry)), ...then]);
  }

  #decided(decision: Decision): readonly NewEntry[] {
    if (!decision.ok) throw new Refusal(CODES[decision.code], decision.message);
    for (const entry of decision.entries)
      if (willBeTooLarge(entry.payload)) throw new Refusal("too_large", TOO_LARGE);
    return decision.entries;
  }

  #entry(entry: NewEntry): Work {
    return { kind: "entry", entryId: this.#entryId(), entry };
  }

  #entryId(): LogEntryId {
    return LogEntryId.parse(this.#session.randomId());
  }

  #actor(org: Org) {
    const { userId } = this.#session;
    return { userId, permissions: permissionsOfUser(org, userId, this.#book.now()) };
  }

  #org(): Org {
    return orgOrRefuse(this.#book.org);
  }

  #members(org: Org, ids: readonly string[]): UserId[] {
    return ids.map((id) => {
      const userId = UserId.safeParse(id);
      if (!userId.success || !isMember(org, userId.data, this.#book.now()))
        throw new Refusal("invalid", `${id} is not a member of the organisation.`);
      return userId.data;
    });
  }
}
