// A Hearth client in this process, for making demo people: the same client as in the browser, by the same origin.
import { setTimeout as wait } from "node:timers/promises";
import type {
  ClientPort,
  CommandArg,
  CommandName,
  CommandValue,
  SessionView,
} from "@hearth/client-core/contract.ts";
import { createNodeClient } from "@hearth/client-core/node.ts";
import { Problem } from "../../setup/problem.mjs";

const patience = 60_000;

// matrix-js-sdk's loggers for single rooms speak to the console whatever level its own logger has. What this process
// has to say it writes to its standard output itself.
console.debug = () => {};

export class DemoClient implements AsyncDisposable {
  readonly #port: ClientPort;
  readonly #name: string;

  private constructor(port: ClientPort, name: string) {
    this.#port = port;
    this.#name = name;
  }

  /** @param origin the web server's address */
  static async open(origin: string, name: string): Promise<DemoClient> {
    return new DemoClient(await createNodeClient({ baseUrl: origin }), name);
  }

  /**
   * @returns the value of a good answer
   * @throws Problem with the client's own sentence when it refuses
   */
  async run<Name extends CommandName>(name: Name, arg: CommandArg<Name>): Promise<CommandValue<Name>> {
    const outcome = await this.#port.run(name, arg);
    if (outcome.ok) return outcome.value;
    throw new Problem(
      `Making the demo org failed for ${this.#name} at "${name}": ${outcome.message} Start again to go on, or with --fresh to begin anew.`,
      [`code: ${outcome.code}`],
    );
  }

  /** Waits until the session's phase is one of these. */
  async phase(...kinds: SessionView["phase"]["kind"][]): Promise<SessionView["phase"]> {
    return this.until(`to be ${kinds.join(" or ")}`, () => {
      const phase = this.#port.view("session")?.phase;
      return phase && kinds.includes(phase.kind) ? phase : undefined;
    });
  }

  view: ClientPort["view"] = (slice) => this.#port.view(slice);

  /** Waits until `look` finds something. */
  async until<T>(what: string, look: () => T | undefined): Promise<T> {
    const until = Date.now() + patience;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() > until)
        throw new Problem(
          `Making the demo org took too long: ${this.#name} waited a minute ${what}. Start again to go on, or with --fresh to begin anew.`,
          [JSON.stringify(this.#port.view("session")?.phase), JSON.stringify(this.#port.view("join"))],
        );
      await wait(50);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#port.dispose();
  }
}
