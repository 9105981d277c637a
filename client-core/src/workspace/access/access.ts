import {
  AccessCode,
  AccessRequestId,
  KeyAnswer,
  KeyAsk,
  KeyGrant,
  KeyReceipt,
  RoomId,
  UserId,
  type GrantRefusal,
} from "@hearth/protocol";
import type { AccessView, CommandArg, CommandValue } from "../../contract/index.ts";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { background } from "../background.ts";
import type { BotCommands } from "../botCommands.ts";
import { sessionIdOf } from "../decrypt.ts";
import type { DeviceWatch } from "../deviceWatch.ts";
import type { KeyWindow } from "../keys/keyWindow.ts";
import type { Pruner } from "../keys/pruner.ts";
import { nameOf } from "../org.ts";
import type { Recipients } from "../recipients.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import type { RosterBook } from "../roster/book.ts";
import type { RoomBook } from "../roomBook.ts";
import { Asking } from "./asking.ts";
import { Giving } from "./giving.ts";
import { Hearing } from "./hearing.ts";
import { OlmPost, type Received } from "./post.ts";
import { Receiving } from "./receiving.ts";
import { SharedKeys } from "./sharedKeys.ts";
import { AccessStore } from "./store.ts";
import { accessView } from "./view.ts";

const TYPES: ReadonlySet<string> = new Set([KeyAsk.type, KeyGrant.type, KeyAnswer.type, KeyReceipt.type]);
const MOST_REFUSED = 20;
/** Each is looked at with care, one after the other: who floods us must not fill our memory. */
const MOST_QUEUED = 500;
/** A device that slept, or whose clock was set, looks again within this. */
const LOOK_AGAIN_MS = 60_000;

export type AccessSurroundings = {
  readonly session: SignedInSession;
  readonly book: RoomBook;
  readonly bot: BotCommands;
  readonly authority: RosterAuthority;
  readonly roster: RosterBook;
  readonly recipients: Recipients;
  readonly devices: () => DeviceWatch;
  readonly window: () => KeyWindow;
  readonly pruner: () => Pruner;
  readonly pause: (atLeastMs?: number) => Promise<void>;
  readonly onGiven: (userId: UserId) => void;
};

/** Access to older messages, put together: asking, answering, giving, receiving, ending. [P6] */
export class AccessDesk {
  readonly shared: SharedKeys;
  readonly #around: AccessSurroundings;
  readonly #store: AccessStore;
  readonly #asking: Asking;
  readonly #giving: Giving;
  readonly #hearing: Hearing;
  readonly #receiving: Receiving;
  readonly #stopListening: () => void;
  #refused: AccessView["refused"] = [];
  /** One message after the other, in the order in which they came. */
  #turn: Promise<void> = Promise.resolve();
  #loaded: Promise<void> = Promise.resolve();
  #queued = 0;
  #published = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(around: AccessSurroundings) {
    this.#around = around;
    const { session, book, bot, authority, roster, pause } = around;
    this.#store = new AccessStore(session.records, () => this.publish());
    this.shared = new SharedKeys(session.records, () => this.#store.own.values());
    const post = new OlmPost(session);
    const common = {
      session,
      store: this.#store,
      post,
      bot,
      authority,
      org: () => book.org,
      now: () => book.now(),
    };
    const note = (key: RoomKeyRef, ...at: readonly (number | undefined)[]) =>
      around.window().note(key, ...at);
    this.#asking = new Asking({
      ...common,
      admins: () =>
        [...roster.roster.current].flatMap(([user, { role }]) => (role === "admin" ? [user] : [])),
      pause,
    });
    this.#giving = new Giving({
      ...common,
      note,
      pause,
      onGiven: around.onGiven,
      sharedRooms: (userId) =>
        book
          .requests()
          .filter((room) => room.state.membership(userId) === "join")
          .map((room) => room.roomId),
    });
    this.#hearing = new Hearing({
      ...common,
      onAsk: (request) => this.#giving.lookAlone(request),
      onReceipt: () => this.#giving.cleanUp(),
    });
    this.#receiving = new Receiving({
      ...common,
      shared: this.shared,
      isIn: (roomId) => book.requests().some((room) => room.roomId === roomId),
      note,
      pause,
      onKeys: (keys, over) => this.#keysChanged(keys, over),
      tell: (to, receipt) => post.reply(KeyReceipt.type, to, receipt),
      onRefused: (sender, why) => this.#refuse(sender, why),
    });
    this.#stopListening = post.listen(TYPES, (received) => {
      if (this.#queued >= MOST_QUEUED) return session.log("warn", "too many messages about access at once");
      this.#queued += 1;
      this.#turn = this.#turn
        .then(() => this.#loaded)
        .then(() => this.#take(received))
        .catch((error: unknown) => {
          if (!session.stopped.aborted)
            session.log("error", "a message about access was not taken in", error);
        })
        .finally(() => (this.#queued -= 1));
    });
  }

  load(): Promise<void> {
    this.#loaded = Promise.all([this.#store.load(), this.shared.load()]).then(() => undefined);
    return this.#loaded;
  }

  /** Every room has been seen once: what was interrupted goes on. */
  start(): void {
    this.#asking.resume();
    this.#giving.resume();
    this.#receiving.resume();
    this.publish();
  }

  /** Policy, roster, log or time may have changed. */
  look(): void {
    this.#giving.resume();
    this.publish();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
  }

  sharedBy(key: RoomKeyRef): { by: UserId; name: string; ownFrom?: number } | undefined {
    const note = this.shared.noteOf(key);
    if (!note) return undefined;
    const { by, ownFrom } = note;
    return { by, name: nameOf(this.#around.book.org, by), ...(ownFrom === undefined ? {} : { ownFrom }) };
  }

  async ask(arg: CommandArg<"access.ask">): Promise<CommandValue<"access.ask">> {
    const code = AccessCode.safeParse(arg.code);
    if (!code.success) throw new Refusal("invalid", "Say why, from the list.");
    const roomId = arg.roomId === undefined ? undefined : RoomId.safeParse(arg.roomId).data;
    if (arg.roomId !== undefined && (roomId === undefined || !this.#around.book.rooms.has(roomId)))
      throw new Refusal("not_found", "This request is not here (any more).");
    return this.#asking.ask({
      kind: arg.kind,
      code: code.data,
      ...(arg.from === undefined ? {} : { from: arg.from }),
      ...(arg.to === undefined ? {} : { to: arg.to }),
      ...(roomId === undefined ? {} : { rooms: [roomId] }),
      ...(arg.reason === undefined ? {} : { reason: arg.reason }),
    });
  }

  withdraw({ request }: CommandArg<"access.withdraw">): Promise<void> {
    return this.#asking.withdraw(requestId(request));
  }

  give({ request, until }: CommandArg<"access.give">): Promise<void> {
    return this.#giving.give(requestId(request), until);
  }

  decline({ request }: CommandArg<"access.decline">): Promise<void> {
    return this.#giving.decline(requestId(request));
  }

  revoke({ userId, request }: CommandArg<"access.revoke">): Promise<void> {
    const user = UserId.safeParse(userId).data;
    if (user === undefined) throw new Refusal("not_found", "There is no such person.");
    return this.#giving.revoke(user, requestId(request));
  }

  publish(): void {
    const { session, book, recipients, devices } = this.#around;
    if (session.stopped.aborted || !book.org) return;
    const view = accessView({
      me: session.userId,
      org: book.org,
      now: book.now(),
      store: this.#store,
      recipients,
      devices: devices(),
      titleOf: (roomId) => book.rooms.get(roomId)?.digest.folded?.display_id,
      refused: this.#refused,
    });
    this.#wakeAtEnd(view);
    const text = JSON.stringify(view);
    if (text === this.#published) return;
    this.#published = text;
    session.views.set("access", view);
  }

  /** What is shown as given is over at its end, and its files with it. */
  #wakeAtEnd({ mine, asks }: AccessView): void {
    const now = this.#around.book.now();
    const ends = [...mine, ...asks].flatMap(({ until }) =>
      until !== undefined && until > now ? [until] : [],
    );
    clearTimeout(this.#timer);
    if (ends.length > 0)
      this.#timer = setTimeout(() => this.look(), Math.min(Math.min(...ends) - now + 1, LOOK_AGAIN_MS));
  }

  async #take(received: Received): Promise<void> {
    if (received.type === KeyAsk.type)
      return received.info?.sender === this.#around.session.userId
        ? this.#receiving.ownAsk(received)
        : this.#hearing.heard(received);
    if (received.type === KeyGrant.type) return this.#receiving.grant(received);
    if (received.type === KeyAnswer.type) return this.#receiving.answer(received);
    return this.#hearing.receipt(received);
  }

  /** What these keys open is opened anew, or let go of. */
  #keysChanged(keys: readonly RoomKeyRef[], over: boolean): void {
    const { book, session, pruner } = this.#around;
    pruner().look();
    if (over) return;
    const rooms = new Map<RoomId, Set<string>>();
    for (const { roomId, sessionId } of keys)
      rooms.set(roomId, (rooms.get(roomId) ?? new Set<string>()).add(sessionId));
    for (const [roomId, sessions] of rooms) {
      const reopen = book.change(roomId, (room) =>
        room.retry(
          room.log.events
            .filter((event) => sessions.has(sessionIdOf(event) ?? ""))
            .map((event) => event.event_id),
        ),
      );
      background(session, "opening what a grant brought", reopen);
    }
  }

  #refuse(sender: string, why: GrantRefusal): void {
    this.#around.session.log("warn", `a message about access was refused: ${why}`);
    const entry = { at: this.#around.session.now(), sender, reason: why };
    this.#refused = [entry, ...this.#refused].slice(0, MOST_REFUSED);
    this.publish();
  }
}

function requestId(text: string): AccessRequestId {
  const parsed = AccessRequestId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Refusal("not_found", "There is no such request for access.");
}
