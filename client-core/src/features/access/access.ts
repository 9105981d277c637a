import {
  Access,
  AccessCode,
  AccessRequestId,
  KeyAnswer,
  KeyAsk,
  KeyGrant,
  KeyReceipt,
  Member,
  Profile,
  Role,
  RoomId,
  UserId,
  type GrantRefusal,
} from "@hearth/protocol";
import type { AccessView, CommandArg, CommandValue } from "../../contract/index.ts";
import type { RoomKeyRef, SignedInSession } from "../../session/api.ts";
import { Refusal } from "../../session/failures.ts";
import { background } from "../../workspace/background.ts";
import type { BotCommands } from "../../org/botCommands.ts";
import { sessionIdOf, type Opened } from "../../rooms/decryptor.ts";
import type { DeviceWatch } from "../people/deviceWatch.ts";
import type { KeyWindow } from "../../rooms/keys/keyWindow.ts";
import type { Pruner } from "../../rooms/keys/pruner.ts";
import { isAdmin, nameOf } from "../../org/org.ts";
import type { Recipients } from "../people/recipients.ts";
import type { RosterAuthority } from "../roster/authority.ts";
import type { RosterBook } from "../roster/book.ts";
import { saidIn } from "../requests/projection.ts";
import type { RoomBook } from "../../rooms/roomBook.ts";
import { AnswersAlone } from "./alone.ts";
import { Asking } from "./asking.ts";
import { Giving } from "./giving.ts";
import { Hearing } from "./hearing.ts";
import { Inbox } from "./inbox.ts";
import { OlmPost, type Received } from "./post.ts";
import { beginOfKeys } from "./reach.ts";
import { Receiving } from "./receiving.ts";
import { SharedKeys } from "./sharedKeys.ts";
import { AccessStore } from "./store.ts";
import { accessView } from "./view.ts";
import type { View } from "../../store/shown.ts";
import { Later } from "../../work/retry.ts";

const TYPES: ReadonlySet<string> = new Set([KeyAsk.type, KeyGrant.type, KeyAnswer.type, KeyReceipt.type]);
const MOST_REFUSED = 20;
/** A device that slept, or whose clock was set, looks again within this. */
const LOOK_AGAIN_MS = 60_000;

export type AccessDeps = {
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
  /** What was asked for, given or received is not what it was. */
  readonly onChange: () => void;
};

/** Access to older messages, put together: asking, answering, giving, receiving, ending. [P6] */
export class AccessDesk {
  readonly shared: SharedKeys;
  readonly #deps: AccessDeps;
  readonly #store: AccessStore;
  readonly #asking: Asking;
  readonly #giving: Giving;
  readonly #alone: AnswersAlone;
  readonly #hearing: Hearing;
  readonly #receiving: Receiving;
  readonly #stopListening: () => void;
  readonly #inbox: Inbox;
  /** Which rooms this person is in, and what was pruned, is known: only then it is clear what of a grant may be taken. */
  readonly #ready = Promise.withResolvers<void>();
  #refused: AccessView["refused"] = [];
  #started = false;
  readonly #end: Later;

  constructor(deps: AccessDeps) {
    this.#deps = deps;
    const { session, book, bot, authority, roster, pause } = deps;
    this.#end = new Later(session.clock);
    this.#store = new AccessStore(session.records, deps.onChange, () => session.afterPrune?.());
    this.shared = new SharedKeys(session.records, () => this.#store.own.values());
    const post = new OlmPost(session);
    const common = {
      session,
      store: this.#store,
      post,
      bot,
      authority,
      org: () => book.org,
      policy: book.policy,
      now: () => book.now(),
    };
    const note = (key: RoomKeyRef, ...at: readonly (number | undefined)[]) => deps.window().note(key, ...at);
    this.#asking = new Asking({
      ...common,
      admins: () =>
        [...roster.roster.current].flatMap(([user, { role }]) => (role === "admin" ? [user] : [])),
      pause,
      beginOfKeys: (span, rooms) =>
        beginOfKeys(
          span,
          book.sealed().filter(({ roomId }) => rooms?.includes(roomId) ?? true),
          note,
        ),
    });
    this.#alone = new AnswersAlone({ session, policy: book.policy, onChange: () => this.#lookAgain() });
    this.#giving = new Giving({
      ...common,
      alone: this.#alone,
      note,
      pause,
      onGiven: (userId) => {
        background(session, "noting what came of a grant", this.#hearing.given());
        deps.onGiven(userId);
      },
      sharedRooms: (userId) =>
        book
          .sealed()
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
      isIn: (roomId) => book.sealed().some((room) => room.roomId === roomId),
      note,
      pause,
      onKeys: (keys, over) => this.#keysChanged(keys, over),
      tell: (to, receipt) => post.reply(KeyReceipt.type, to, receipt),
      onRefused: (sender, why) => this.#refuse(sender, why),
    });
    this.#inbox = new Inbox({
      session,
      pause,
      ready: this.#ready.promise,
      take: (received, again) => this.#take(received, again),
    });
    session.keyBackup.onRoleLost(() => {
      this.#alone.roleLost();
      this.#store.roleLost();
    });
    this.#stopListening = post.listen(TYPES, (received) => this.#inbox.add(received));
  }

  async load(): Promise<void> {
    await Promise.all([this.#store.load(), this.shared.load(), this.#alone.load(), this.#inbox.load()]);
  }

  /** Every room has been seen once: what was interrupted goes on. */
  start(): void {
    this.#started = true;
    this.#asking.resume();
    this.#giving.resume();
    this.#receiving.resume();
    this.#ready.resolve();
    // What a room had forgotten when it was stored: a grant that came later lets it be read.
    this.#reopen(this.shared.lasting(this.#deps.book.now()), (opened) => opened?.kind === "forgotten");
  }

  /** Policy, roster, log or time may have changed. */
  look(): void {
    if (this.#started) this.#giving.resume();
  }

  #lookAgain(): void {
    this.look();
    this.#deps.onChange();
  }

  /**
   * @param quiet resolves when no message is under way in the crypto machine: what it has decrypted it gives only once
   * @returns when nothing that came can be lost any more
   */
  async dispose(quiet: Promise<void>): Promise<void> {
    await quiet;
    this.#stopListening();
    await this.#inbox.close();
    // Last: what was still being done may have set it anew.
    this.#end.stop();
  }

  sharedBy(key: RoomKeyRef): { by: UserId; name: string; ownFrom?: number } | undefined {
    const note = this.shared.noteOf(key);
    if (!note) return undefined;
    const { by, ownFrom } = note;
    return { by, name: nameOf(this.#deps.book.org, by), ...(ownFrom === undefined ? {} : { ownFrom }) };
  }

  async ask(arg: CommandArg<"access.ask">): Promise<CommandValue<"access.ask">> {
    const code = AccessCode.safeParse(arg.code);
    if (!code.success) throw new Refusal("invalid", "Say why, from the list.");
    const roomId = arg.roomId === undefined ? undefined : RoomId.safeParse(arg.roomId).data;
    if (arg.roomId !== undefined && (roomId === undefined || !this.#deps.book.rooms.has(roomId)))
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

  answerAlone({ window }: CommandArg<"access.answerAlone">): Promise<void> {
    const { book, session } = this.#deps;
    if (window !== undefined && !(book.org && isAdmin(book.org, session.userId, book.now())))
      throw new Refusal("not_permitted", "Only admins answer requests for access.");
    return this.#alone.switch(window);
  }

  revoke({ userId, request }: CommandArg<"access.revoke">): Promise<void> {
    const user = UserId.safeParse(userId).data;
    if (user === undefined) throw new Refusal("not_found", "There is no such person.");
    return this.#giving.revoke(user, requestId(request));
  }

  readonly view: View<"access"> = {
    slice: "access",
    reads: [
      "grants",
      "roster",
      "devices",
      "keys/*",
      "policy",
      "time",
      // By now titles are known of what is asked for.
      "synced",
      `org/${Access.type}/*`,
      `org/${Member.type}/*`,
      `org/${Role.type}/*`,
      `org/${Profile.type}/*`,
    ],
    make: () => this.#view(),
  };

  #view(): AccessView | undefined {
    const { session, book, recipients, devices } = this.#deps;
    if (!book.org) return undefined;
    const view = accessView({
      me: session.userId,
      org: book.org,
      now: book.now(),
      store: this.#store,
      recipients,
      devices: devices(),
      titleOf: (roomId) => {
        const room = book.rooms.get(roomId);
        return room && saidIn(room)?.display_id;
      },
      refused: this.#refused,
      alone: this.#alone.view,
    });
    this.#wakeAtEnd(view);
    return view;
  }

  /** What is shown as given is over at its end, and its files with it; what broke off is tried again. */
  #wakeAtEnd({ mine, asks }: AccessView): void {
    const now = this.#deps.book.now();
    const ends = [
      ...[...mine, ...asks].map(({ until }) => until),
      ...[...this.#store.their.values()].map(({ state, failed }) =>
        state === "waiting" ? failed?.notBefore : undefined,
      ),
    ].filter((at) => at !== undefined && at > now) as number[];
    this.#end.stop();
    if (ends.length > 0)
      this.#end.in(Math.min(Math.min(...ends) - now + 1, LOOK_AGAIN_MS), () => this.#lookAgain());
  }

  async #take(received: Received, again: boolean): Promise<void> {
    if (received.type === KeyAsk.type)
      return received.info?.sender === this.#deps.session.userId
        ? this.#receiving.ownAsk(received)
        : this.#hearing.heard(received);
    if (received.type === KeyGrant.type) return this.#receiving.grant(received, again);
    if (received.type === KeyAnswer.type) return this.#receiving.answer(received);
    return this.#hearing.receipt(received);
  }

  /** What these keys open is opened anew, or let go of. */
  #keysChanged(keys: readonly RoomKeyRef[], over: boolean): void {
    this.#deps.pruner().look();
    if (!over) this.#reopen(keys, () => true);
  }

  #reopen(keys: readonly RoomKeyRef[], wanted: (opened: Opened | undefined) => boolean): void {
    const { book, session } = this.#deps;
    const rooms = new Map<RoomId, Set<string>>();
    for (const { roomId, sessionId } of keys)
      rooms.set(roomId, (rooms.get(roomId) ?? new Set<string>()).add(sessionId));
    for (const [roomId, sessions] of rooms) {
      const reopen = book.change(roomId, async (room) => {
        const ids = room.log.events
          .filter((event) => sessions.has(sessionIdOf(event) ?? ""))
          .map((event) => event.event_id)
          .filter((eventId) => wanted(room.openedOf(eventId)));
        if (ids.length > 0) await room.retry(ids);
      });
      background(session, "opening what a grant brought", reopen);
    }
  }

  #refuse(sender: string, why: GrantRefusal): void {
    this.#deps.session.log("warn", `a message about access was refused: ${why}`);
    const entry = { at: this.#deps.session.now(), sender, reason: why };
    this.#refused = [entry, ...this.#refused].slice(0, MOST_REFUSED);
    this.#deps.onChange();
  }
}

function requestId(text: string): AccessRequestId {
  const parsed = AccessRequestId.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Refusal("not_found", "There is no such request for access.");
}
