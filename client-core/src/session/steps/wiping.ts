import type { WipeTarget } from "@hearth/protocol";
import { tellServer } from "../signOut.ts";
import { sealAnswer } from "../wipe/listener.ts";
import type { Sender } from "../wipe/listener.ts";
import { WIPED } from "../wipe/sentences.ts";
import type { WipeOrder } from "../wipe/watch.ts";
import type { Parts } from "./parts.ts";

/** [P7] Does what an admin's signed word says. */
export class Wiping {
  readonly #parts: Parts;
  #isWiping = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What is shown goes at once; keys and all else without asking the server anything. */
  obey(order: WipeOrder, target?: WipeTarget, from?: Sender): void {
    const { openSession, state, environment } = this.#parts;
    // It may come by two ways at once.
    if (openSession.disposed || this.#isWiping) return;
    this.#isWiping = true;
    environment.log("warn", `wiped by ${order.by}`);
    // What is open goes on: the crypto machine is still needed, for the answer.
    openSession.cutTurnsShort();
    state.show({ kind: "starting" });
    openSession
      .exclusive(() => this.#destroyAndTell(order, target, from))
      .catch((error: unknown) => environment.log("info", "a wipe was cut short", error))
      .finally(() => (this.#isWiping = false));
  }

  async #destroyAndTell(order: WipeOrder, target?: WipeTarget, from?: Sender): Promise<void> {
    const { openSession, state, views, environment, ending, starting } = this.#parts;
    const { live } = openSession;
    const token = live?.tokens.accessToken;
    const userName = state.current.userId?.slice(1).split(":")[0];
    let answer: Awaited<ReturnType<typeof sealAnswer>> | undefined;
    try {
      await ending.destroy(async () => {
        if (live && target && from) answer = await sealAnswer(live, from, target);
      });
    } catch (error) {
      return starting.storageProblem(error);
    }
    views.set("join", { step: "idle", canResume: false });
    ending.signedOut(WIPED[order.mode], order.mode === "keys" ? userName : undefined);
    if (token === undefined) return;
    try {
      await answer?.(environment, token);
    } catch (error) {
      environment.log("info", "the admin could not be told of the wipe", error);
    }
    await tellServer(environment, token);
  }
}
