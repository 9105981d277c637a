import { OrgId } from "@hearth/protocol";
import { createBot } from "../bot.ts";
import type { Bot } from "../bot.ts";
import { HomeserverError, isPassing } from "../homeserver.ts";
import { silentLog } from "../log.ts";
import { homeserverFor } from "./homeserverInMemory.ts";
import type { HomeserverInMemory, Write } from "./homeserverInMemory.ts";
import { BOT, ORG } from "./org.ts";

/** What happens to the bot right after one of its writes, which has taken effect: `kill` ends it, `lose` its answer. */
export type Fate = "kill" | "lose" | undefined;

const DEAD = Symbol("killed");
/** A story that goes on after so many steps has no end. */
const MOST_STEPS = 200;

type Life = { readonly bot: Bot; started: boolean; readonly dead: Promise<typeof DEAD> };

/** Bots that are started again whenever they end, as an init system would. */
export class Supervised {
  /** Every write, of all lives. */
  readonly writes: string[] = [];
  readonly #server: HomeserverInMemory;
  readonly #fate: (write: number) => Fate;
  #life: Life | undefined;

  /** @param fate of each write by its number, from 1 */
  constructor(server: HomeserverInMemory, fate: (write: number) => Fate = () => undefined) {
    this.#server = server;
    this.#fate = fate;
  }

  /** Lets the bot work until there is nothing left for it to do now. */
  async settle(): Promise<void> {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const before = this.writes.length;
      this.#life ??= this.#begin();
      const ended = await this.#step(this.#life);
      if (ended === DEAD) this.#life = undefined;
      else if (ended === "settled" && this.writes.length === before) return;
    }
    throw new Error(`the bot is still at work: ${this.writes.slice(-20).join(", ")}`);
  }

  /** Between two pieces of work: the next one begins with a start, and what a start looks at. */
  stop(): void {
    this.#life = undefined;
  }

  async #step(life: Life): Promise<"settled" | "again" | typeof DEAD> {
    const work = async () => {
      try {
        if (!life.started) await life.bot.start();
        life.started = true;
        await life.bot.step();
        return "settled" as const;
      } catch (error) {
        // As main.ts and the pump have it: what may pass is tried again.
        if (!isPassing(error)) throw error;
        return "again" as const;
      }
    };
    return Promise.race([life.dead, work()]);
  }

  #begin(): Life {
    const { promise: dead, resolve } = Promise.withResolvers<typeof DEAD>();
    let killed = false;
    const write: Write = async (what, apply) => {
      if (killed) return new Promise(() => {});
      // Before it counts: what the server refuses changes nothing.
      const result = apply();
      this.writes.push(what);
      const fate = this.#fate(this.writes.length);
      if (fate === "kill") {
        killed = true;
        resolve(DEAD);
        // A process that is gone never learns the answer, and does nothing more.
        return new Promise(() => {});
      }
      if (fate === "lose") throw new HomeserverError(0, "M_UNKNOWN", "no answer");
      return result;
    };
    const bot = createBot({
      homeserver: homeserverFor(this.#server, BOT, write),
      org: { id: OrgId.parse(ORG), name: "Team" },
      asToken: "as-token",
      webUrl: "https://hearth.test",
      shortTimes: false,
      clock: () => this.#server.data.now,
      log: silentLog,
    });
    return { bot, started: false, dead };
  }
}
