import { cleanTexts, parseInviteLink } from "@hearth/protocol";
import type {
  ClientPort,
  CommandArg,
  CommandName,
  CommandValue,
  Outcome,
  Slice,
  Views,
} from "../contract/index.ts";
import { changePassword, readDevices, signOutDevice } from "./server/account.ts";
import type { SessionCommand } from "./api.ts";
import { INVITE_USED, isTokenValid } from "./server/auth.ts";
import type { Environment } from "./environment.ts";
import { Refusal, good, toOutcome } from "./failures.ts";
import { DAMAGED } from "./setup/join.ts";
import { Session } from "./session.ts";
import { shownTexts } from "./shownTexts.ts";
import { SessionState } from "./state.ts";
import { PublishedViews } from "./views.ts";

type VerificationCommand = Extract<CommandName, `verification.${string}`>;
type Handlers = {
  [Name in Exclude<SessionCommand, VerificationCommand>]: (
    arg: CommandArg<Name>,
  ) => Promise<CommandValue<Name>>;
};

type KeysOf<Arg> = Arg extends unknown ? keyof Arg : never;
/** The arguments, of any command, that must stay what they are. */
const SECRET: ReadonlySet<string> = new Set([
  "password",
  "passphrase",
  "current",
  "next",
  "recoveryKey",
] satisfies KeysOf<CommandArg<CommandName>>[]);
const isSecret = (name: string) => SECRET.has(name);

/** These end what is running instead of waiting for it. */
const CUT_IN: ReadonlySet<CommandName> = new Set(["session.signOut", "session.takeOver"]);
/** These wait for nothing: they touch nothing that is stored, or have to be quick. */
const AT_ONCE: ReadonlySet<CommandName> = new Set(["join.look", "lock.touch", "lock.now"]);

/** The client as hosts see it: each command goes to the session or to the workspace, and failure becomes a value. */
export class HearthClient implements ClientPort {
  readonly #environment: Environment;
  readonly #views: PublishedViews;
  readonly #state: SessionState;
  readonly #session: Session;

  constructor(environment: Environment, views: PublishedViews = new PublishedViews()) {
    this.#environment = environment;
    this.#views = views;
    this.#state = new SessionState(views);
    this.#session = new Session(environment, this.#state, views);
  }

  start(): Promise<void> {
    return this.#session.start();
  }

  dispose(): Promise<void> {
    return this.#session.dispose();
  }

  view<S extends Slice>(slice: S): Views[S] | undefined {
    return this.#views.latest(slice);
  }

  subscribe(slice: Slice, listener: () => void): () => void {
    return this.#views.listen(slice, listener);
  }

  async run<Name extends CommandName>(
    name: Name,
    given: CommandArg<Name>,
  ): Promise<Outcome<CommandValue<Name>>> {
    return shownTexts(await this.#run(name, given));
  }

  async #run<Name extends CommandName>(
    name: Name,
    given: CommandArg<Name>,
  ): Promise<Outcome<CommandValue<Name>>> {
    try {
      const arg = cleanTexts(given, isSecret);
      if (isVerification(name)) {
        // Beside the queue: cancelling must not wait for anything.
        const handler = this.#session.verification.handlers[name] as (arg: CommandArg<Name>) => Promise<void>;
        return good((await handler(arg)) as CommandValue<Name>);
      }
      if (!this.#isSessionCommand(name))
        return await this.#session.inWorkspace((workspace) => workspace.run(name, arg));
      const handler = this.#handlers[name] as (arg: CommandArg<Name>) => Promise<CommandValue<Name>>;
      if (AT_ONCE.has(name)) return good(await handler(arg));
      if (CUT_IN.has(name)) this.#session.cutShort();
      return good(await this.#session.exclusive(() => handler(arg)));
    } catch (error) {
      const { phase } = this.#state.current;
      // What fails because the session locked meanwhile fails in many ways; one is the reason.
      const locked = phase.kind === "locked" && !(error instanceof Refusal);
      const outcome = toOutcome(locked ? new Refusal("locked", phase.message) : error);
      if (!outcome.ok && outcome.code === "unexpected")
        this.#environment.log("error", `${name} failed`, error);
      return outcome;
    }
  }

  #isSessionCommand(name: CommandName): name is keyof Handlers {
    return Object.hasOwn(this.#handlers, name);
  }

  readonly #handlers: Handlers = {
    "session.signIn": (arg) => this.#session.signIn(arg),
    "session.signOut": () => this.#session.signOut(),
    "session.takeOver": () => this.#session.takeOver(),
    "join.look": async ({ link: text }) => {
      const link = parseInviteLink(text);
      if (!link) throw new Refusal("invite_damaged", DAMAGED);
      if (!(await isTokenValid(this.#environment, link.token))) throw new Refusal("invite_used", INVITE_USED);
      return { orgId: link.org };
    },
    "join.accept": (arg) => this.#session.joining.accept(arg),
    "join.resume": () => this.#session.joining.resume(),
    "encryption.setUp": async ({ password }) => {
      const recoveryKey = await this.#session.encryption.setUp(password);
      this.#state.show({ kind: "setup", step: "show_key", recoveryKey });
      return { recoveryKey };
    },
    "encryption.confirmSaved": async () => {
      await this.#session.encryption.forgetShownKey();
      await this.#session.goOn();
    },
    "encryption.unlock": async ({ recoveryKey }) => {
      await this.#session.encryption.unlock(recoveryKey);
      await this.#session.goOn();
    },
    "encryption.reset": async ({ password }) => {
      const recoveryKey = await this.#session.encryption.reset(password);
      if (!this.#session.isReady) this.#state.show({ kind: "setup", step: "show_key", recoveryKey });
      return { recoveryKey };
    },
    "encryption.newRecoveryKey": async ({ password }) => ({
      recoveryKey: await this.#session.encryption.newRecoveryKey(password),
    }),
    "encryption.turnOnBackup": ({ recoveryKey }) => this.#session.encryption.turnOnBackup(recoveryKey),
    "encryption.dismissNotice": () => this.#session.live.keyBackup.dismissNotice(),
    "devices.refresh": () => this.#refreshDevices(),
    "devices.signOut": async ({ deviceId, password }) => {
      await signOutDevice(this.#session.live, deviceId, password);
      await this.#refreshDevices();
    },
    "lock.turnOn": (arg) => this.#session.appLock.turnOn(arg),
    "lock.turnOff": (arg) => this.#session.appLock.turnOff(arg),
    "lock.change": (arg) => this.#session.appLock.change(arg),
    "lock.setIdle": (arg) => this.#session.appLock.setIdle(arg),
    "lock.now": () => Promise.resolve(this.#session.lockApp()),
    "lock.open": ({ passphrase }) => this.#session.unlockApp((lock) => lock.open(passphrase)),
    "lock.openByPasskey": ({ prf }) => this.#session.unlockApp((lock) => lock.openByPasskey(prf)),
    "lock.addPasskey": (arg) => this.#session.appLock.addPasskey(arg),
    "lock.removePasskey": () => this.#session.appLock.removePasskey(),
    "lock.touch": () => Promise.resolve(this.#session.appLock.touch()),
    "password.change": (arg) => changePassword(this.#session.live, arg),
  };

  async #refreshDevices(): Promise<void> {
    const { live, encryption } = this.#session;
    const devices = await readDevices(live, encryption);
    live.deviceNames = new Map(devices.devices.map(({ deviceId, name }) => [deviceId, name]));
    this.#views.set("devices", devices);
  }
}

function isVerification(name: CommandName): name is VerificationCommand {
  return name.startsWith("verification.");
}
