import type { WipeRefusal, WipeVerdict } from "@hearth/protocol";
import type { Environment } from "../environment.ts";
import { lookUpWipe } from "./context.ts";
import type { WipeContext } from "./context.ts";
import { Later } from "../../work/retry.ts";

export type WipeOrder = Extract<WipeVerdict, { obey: true }>;

const AGAIN_MS = 60_000;
/** Where nobody answered. */
const RETRY_MS = 5_000;

/**
 * Looks whether a wipe record waits for this device: at once, and again until somebody has answered; where no order can
 * come any other way, because the token is dead, from time to time as well.
 */
export class WipeWatch {
  readonly #stopping = new AbortController();
  readonly #again: Later;

  constructor(options: {
    readonly environment: Pick<Environment, "fetch" | "baseUrl" | "clock">;
    readonly context: WipeContext;
    readonly forever: boolean;
    readonly onOrder: (order: WipeOrder) => void;
    readonly onIgnored: (reason: WipeRefusal) => void;
  }) {
    const { signal } = this.#stopping;
    const again = (this.#again = new Later(options.environment.clock));
    let told: WipeRefusal | undefined;
    const look = async (): Promise<void> => {
      const found = await lookUpWipe(options.environment, options.context, signal);
      if (signal.aborted) return;
      if (typeof found === "object" && found.obey) return options.onOrder(found);
      if (typeof found === "object" && !found.obey && found.reason !== told) {
        told = found.reason;
        options.onIgnored(told);
      }
      if (found !== "unanswered" && !options.forever) return;
      again.in(found === "unanswered" ? RETRY_MS : AGAIN_MS, () => void look());
    };
    void look();
  }

  stop(): void {
    this.#stopping.abort();
    this.#again.stop();
  }
}
