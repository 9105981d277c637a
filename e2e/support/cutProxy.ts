import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What becomes of a request: `pass` it on, `cut` it before it arrives, `lose` its answer on the way back (the server
 * has acted on it all the same), `answer` in the server's place, or `alter` it, as a client with a fault would send it.
 */
export type Fate =
  | { readonly kind: "pass" | "cut" | "lose" }
  | { readonly kind: "answer"; readonly status: number; readonly body: unknown }
  | { readonly kind: "alter"; readonly path: string; readonly body: unknown };

export const PASS: Fate = { kind: "pass" };

export type Seen = { readonly method: string; readonly path: string };

/** A bad network between a browser and the web server: every request passes by here, and `decide` says how it fares. */
export class CutProxy implements AsyncDisposable {
  decide: (request: Seen) => Fate = () => PASS;
  readonly #server: ReturnType<typeof createServer>;
  readonly #target: URL;

  private constructor(target: string) {
    this.#target = new URL(target);
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  /** @param target the web server's address */
  static async open(target: string): Promise<CutProxy> {
    const proxy = new CutProxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get origin(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Promise((resolve) => {
      this.#server.close(resolve);
      this.#server.closeAllConnections();
    });
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? "").replace(/\?.*/s, "");
    const fate = this.decide({ method: request.method ?? "", path });
    if (fate.kind === "cut") return void request.socket.destroy();
    if (fate.kind === "answer") {
      response.writeHead(fate.status, { "content-type": "application/json" });
      return void response.end(JSON.stringify(fate.body));
    }
    const altered = fate.kind === "alter" ? Buffer.from(JSON.stringify(fate.body)) : undefined;
    const passed = httpRequest(
      {
        hostname: this.#target.hostname,
        port: this.#target.port,
        method: request.method,
        path: fate.kind === "alter" ? fate.path : request.url,
        headers: {
          ...request.headers,
          host: this.#target.host,
          ...(altered ? { "content-length": String(altered.length) } : {}),
        },
      },
      (answer) => {
        if (fate.kind === "lose") {
          answer.resume();
          answer.on("end", () => request.socket.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.on("error", () => response.destroy());
      },
    );
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    if (!altered) return void request.pipe(passed);
    request.resume();
    passed.end(altered);
  }
}
