type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** How a connection is lost: before the request gets out, or after the server has done what it was asked. */
export type Cut = "not sent" | "answer lost";

/**
 * A network that goes down at the n-th request and stays down until it is mended: what the next one then meets is
 * what the server really knows.
 */
export class CuttableNetwork {
  /** What was asked since the last mending, as `METHOD path` with ids left out. */
  asked: string[] = [];
  readonly #counts: (line: string) => boolean;
  #counted = 0;
  #cutAt = Infinity;
  #cut: Cut = "not sent";
  #broken = Promise.withResolvers<never>();
  down = false;

  /** @param counts which requests count, when it is asked for the n-th. Default: all */
  constructor(counts: (line: string) => boolean = () => true) {
    this.#counts = counts;
    this.#broken.promise.catch(() => undefined);
  }

  readonly fetch: Fetch = async (url, init) => {
    if (this.down) throw new TypeError("the network is down");
    const line = `${init?.method ?? "GET"} ${new URL(url).pathname.replaceAll(/[!@$%][^/]*/g, "…")}`;
    this.asked.push(line);
    if (this.#counts(line) && ++this.#counted === this.#cutAt) {
      this.down = true;
      if (this.#cut === "answer lost") {
        const response = await fetch(url, init);
        await response.arrayBuffer();
      }
      throw new TypeError("the network went down");
    }
    return Promise.race([fetch(url, init), this.#broken.promise]);
  };

  /**
   * Down at once, for what is under way as well: a sync that waits for news would else bring the next one. Where only
   * `down` is set, it does.
   */
  cut(): void {
    this.down = true;
    this.#broken.reject(new TypeError("the network went down"));
    this.#broken = Promise.withResolvers<never>();
    this.#broken.promise.catch(() => undefined);
  }

  /** Works again, until the given request from now on. */
  mend(cutAt = Infinity, cut: Cut = "not sent"): void {
    this.asked = [];
    this.#counted = 0;
    this.down = false;
    this.#cutAt = cutAt;
    this.#cut = cut;
  }
}

/** Whether a request changes something at the server. */
export function changes(line: string): boolean {
  return !line.startsWith("GET ") && !/\/(keys\/query|sync)$/.test(line);
}
