import { AppLock } from "../appLock/appLock.ts";
import type { Environment } from "../environment.ts";
import { Joining } from "../setup/joining.ts";
import { Rotation } from "../rotation/rotation.ts";
import { OnlineUnlock } from "../onlineUnlock/onlineUnlock.ts";
import { isDivided, placeOf } from "../storage/dividedStorage.ts";
import { StorageRule } from "../storage/storageRule.ts";
import type { SessionState } from "../state.ts";
import type { PublishedViews } from "../views.ts";
import { WipeGuard } from "../wipe/guard.ts";
import { ByServer } from "./byServer.ts";
import { Contact } from "./contact.ts";
import { Ending } from "./ending.ts";
import { GoingOn } from "./goingOn.ts";
import { OpenSession } from "./openSession.ts";
import { Locking } from "./locking.ts";
import { Moving } from "./moving.ts";
import { Retry } from "./retry.ts";
import { SigningIn } from "./signingIn.ts";
import { Starting } from "./starting.ts";
import { Tabs } from "./tabs.ts";
import { Wiping } from "./wiping.ts";

/**
 * The parts of one session, by which each reaches the others. The first group are the steps from phase to phase, all on
 * what `held` says is open; the second one looks after one thing each, and knows nothing of the rest.
 */
export class Parts {
  readonly environment: Environment;
  readonly state: SessionState;
  readonly views: PublishedViews;
  readonly openSession: OpenSession;
  readonly retry: Retry;

  readonly starting = new Starting(this);
  readonly byServer = new ByServer(this);
  readonly contact = new Contact(this);
  readonly goingOn = new GoingOn(this);
  readonly signingIn = new SigningIn(this);
  readonly moving = new Moving(this);
  readonly locking = new Locking(this);
  readonly wiping = new Wiping(this);
  readonly ending = new Ending(this);
  readonly tabs: Tabs;

  readonly joining: Joining;
  readonly appLock: AppLock;
  readonly wipeGuard: WipeGuard;
  readonly onlineUnlock: OnlineUnlock;
  readonly storageRule: StorageRule;
  readonly rotation: Rotation;

  constructor(environment: Environment, state: SessionState, views: PublishedViews) {
    this.environment = environment;
    this.state = state;
    this.views = views;
    this.retry = new Retry(environment.clock);
    this.openSession = new OpenSession(state);
    this.tabs = new Tabs(this);
    this.joining = this.#joining();
    this.appLock = this.#appLock();
    this.wipeGuard = new WipeGuard(
      environment,
      state,
      (order) => this.wiping.obey(order),
      (note) => this.appLock.noteWipe(note),
    );
    this.storageRule = new StorageRule(state, () => this.ending.refuseStorage());
    this.onlineUnlock = new OnlineUnlock({
      told: state.told,
      clock: environment.clock,
      log: environment.log,
      isDivided: () =>
        this.moving.canRotate(this.openSession.vault) ? isDivided(this.openSession.storage) : undefined,
      convert: (divide) => (divide ? this.moving.divideRootKey() : this.moving.joinRootKey()),
      tidy: () => this.moving.dropUnneededHalf(),
    });
    this.rotation = new Rotation({
      vault: () => this.openSession.vault,
      told: state.told,
      clock: environment.clock,
      log: environment.log,
      rotate: () => this.moving.rotateWhenIdle(),
    });
    state.told.onPolicy(() => this.goingOn.forgetUnreadable());
  }

  #joining(): Joining {
    const { openSession, state, views, starting, goingOn, signingIn, ending } = this;
    return new Joining({
      state,
      views,
      get vault() {
        return openSession.vault;
      },
      get stopping() {
        return openSession.disposed;
      },
      newVault: () => starting.newVault(),
      authOptions: () => signingIn.authOptions(),
      goOn: () => goingOn.goOn(),
      publishWho: () => starting.publishWho(),
      destroy: () => ending.destroy(),
      signedOut: () => ending.signedOut(),
    });
  }

  #appLock(): AppLock {
    const { environment, openSession, state, views, locking, ending } = this;
    return new AppLock({
      state,
      views,
      clock: environment.clock,
      log: environment.log,
      waits: environment.lockWaits,
      needsServer: () => isDivided(openSession.storage),
      storage: () => placeOf(openSession.storage),
      use: (place) =>
        (openSession.storage = isDivided(openSession.storage) ? openSession.storage.around(place) : place),
      lease: () => openSession.lease?.counted(),
      learnWipe: async () => {
        await this.wipeGuard.tryToLearn(openSession.vault);
        return this.wipeGuard.note;
      },
      lock: () => locking.lockApp(),
      wipe: async (notice) => {
        await ending.destroy();
        views.set("join", { step: "idle", canResume: false });
        ending.signedOut(notice);
      },
    });
  }
}
