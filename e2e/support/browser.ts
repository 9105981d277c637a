import { chromium, type BrowserContext, type Page } from "playwright-core";
import { ensureBrowser, launchArguments } from "@hearth/tools/browser.mjs";
import { Person, type Account } from "./person.ts";

/** What a page may complain of without anything being wrong: an answer that is a refusal is the journey's subject. */
const EXPECTED_COMPLAINTS = /^Failed to load resource: /;

/** One Chromium for a test file. Each person has a context of their own: other storage, other cookies, nothing shared. */
export class TestBrowser implements AsyncDisposable {
  readonly #browser: Awaited<ReturnType<typeof chromium.launch>>;
  readonly #origins: Set<string>;
  readonly #strangers: string[] = [];
  readonly #complaints: string[] = [];
  readonly #people: Person[] = [];

  private constructor(browser: Awaited<ReturnType<typeof chromium.launch>>, origins: readonly string[]) {
    this.#browser = browser;
    this.#origins = new Set(origins);
  }

  /** @param origins what pages may talk to; the first is where people go */
  static async open(...origins: [string, ...string[]]): Promise<TestBrowser> {
    const executablePath = await ensureBrowser();
    return new TestBrowser(await chromium.launch({ executablePath, args: launchArguments }), origins);
  }

  get version(): string {
    return this.#browser.version();
  }

  /** Somebody at a browser of their own. `account` is who they are; a newcomer has none yet. */
  async person(account?: Account, look: Look = {}): Promise<Person> {
    const context = await this.#browser.newContext({
      viewport: look.viewport ?? { width: 1280, height: 800 },
      colorScheme: look.colorScheme ?? "light",
      reducedMotion: "reduce",
      locale: "en-GB",
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(30_000);
    this.#watch(context);
    const [origin = ""] = this.#origins;
    const person = new Person(await context.newPage(), look.origin ?? origin, account);
    this.#people.push(person);
    return person;
  }

  /** What went to any other address than Hearth's own since this was last asked. */
  takeStrangers(): string[] {
    return this.#strangers.splice(0);
  }

  /** What pages complained of (errors, breaches of the content security policy) since this was last asked. */
  takeComplaints(): string[] {
    return this.#complaints.splice(0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
  }

  /** Shuts every person's browser, so that the next test begins with none. */
  async everybodyLeaves(): Promise<void> {
    await Promise.all(this.#people.splice(0).map((person) => person.leave()));
  }

  #watch(context: BrowserContext): void {
    context.on("request", (request) => {
      const url = new URL(request.url());
      const local = url.protocol === "data:" || url.protocol === "blob:";
      if (!local && !this.#origins.has(url.origin)) this.#strangers.push(request.url());
    });
    context.on("page", (page: Page) => {
      page.on("websocket", (socket) => this.#strangers.push(socket.url()));
      page.on("pageerror", (error) => this.#complaints.push(`${page.url()}: ${error.message}`));
      page.on("console", (message) => {
        if (message.type() !== "error" || EXPECTED_COMPLAINTS.test(message.text())) return;
        this.#complaints.push(`${page.url()}: ${message.text()}`);
      });
    });
  }
}

export type Look = {
  readonly viewport?: { width: number; height: number };
  readonly colorScheme?: "light" | "dark";
  /** Default: the browser's first. */
  readonly origin?: string;
};
