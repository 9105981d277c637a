import { AppLock } from "../appLock/appLock.ts";
import type { Environment } from "../environment.ts";
import { Joining } from "../joining.ts";
import { Moulting } from "../moulting.ts";
import { OnlineUnlock } from "../onlineUnlock/onlineUnlock.ts";
import { isDivided, placeOf } from "../storage/dividedStorage.ts";
import { StorageRule } from "../storageRule.ts";
import type { PublishedViews } from "../views.ts";
import { WipeGuard } from "../wipe/guard.ts";
import { ByServer } from "./byServer.ts";
import { Contact } from "./contact.ts";
import { Ending } from "./ending.ts";
import { GoingOn } from "./goingOn.ts";
import { Held } from "./held.ts";
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
  readonly views: PublishedViews;
  readonly held: Held;
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
  readonly moulting: Moulting;

  constructor(environment: Environment, views: PublishedViews) {
    this.environment = environment;
    this.views = views;
    this.retry = new Retry(environment.clock);
    this.held = new Held(views);
    this.tabs = new Tabs(this);
    this.joining = this.#joining();
    this.appLock = this.#appLock();
    this.wipeGuard = new WipeGuard(
      environment,
      views,
      (order) => this.wiping.obey(order),
      (note) => this.appLock.noteWipe(note),
    );
    this.storageRule = new StorageRule(views, () => this.ending.refuseStorage());
    this.onlineUnlock = new OnlineUnlock({
      views,
      clock: environment.clock,
      log: environment.log,
      isDivided: () => (this.moving.canMoult(this.held.vault) ? isDivided(this.held.storage) : undefined),
      convert: (divide) => (divide ? this.moving.divideRootKey() : this.moving.joinRootKey()),
      tidy: () => this.moving.dropUnneededHalf(),
    });
    this.moulting = new Moulting({
      vault: () => this.held.vault,
      views,
      clock: environment.clock,
      log: environment.log,
      moult: () => this.moving.moultWhenIdle(),
    });
  }

  #joining(): Joining {
    const { held, views, starting, goingOn, signingIn, ending } = this;
    return new Joining({
      views,
      get vault() {
        return held.vault;
      },
      get stopping() {
        return held.disposed;
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
    const { environment, held, views, locking, ending } = this;
    return new AppLock({
      views,
      clock: environment.clock,
      log: environment.log,
      waits: environment.lockWaits,
      needsServer: () => isDivided(held.storage),
      storage: () => placeOf(held.storage),
      use: (place) => (held.storage = isDivided(held.storage) ? held.storage.around(place) : place),
      lease: () => held.lease?.counted(),
      learnWipe: async () => {
        await this.wipeGuard.tryToLearn(held.vault);
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
