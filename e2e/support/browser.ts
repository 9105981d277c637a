import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from "playwright-core";
import { ensureBrowser, launchArguments } from "@hearth/tools/browser.mjs";
import { Person, type Account } from "./person.ts";

/** What a page may complain of without anything being wrong: an answer that is a refusal is the journey's subject. */
const EXPECTED_COMPLAINTS = /^Failed to load resource: /;

/** Playwright's own half minute is short where the machine stands still. */
const LAUNCH_TIMEOUT_MS = 120_000;

/** One Chromium for a test file. Each person has a context of their own: other storage, other cookies, nothing shared. */
export class TestBrowser implements AsyncDisposable {
  readonly #contexts: Contexts;
  readonly #origins: Set<string>;
  readonly #strangers: string[] = [];
  readonly #complaints: string[] = [];
  readonly #people: Person[] = [];

  private constructor(contexts: Contexts, origins: readonly string[]) {
    this.#contexts = contexts;
    this.#origins = new Set(origins);
  }

  /** @param origins what pages may talk to; the first is where people go */
  static async open(...origins: [string, ...string[]]): Promise<TestBrowser> {
    const executablePath = await ensureBrowser();
    const browser = await chromium.launch({
      executablePath,
      args: launchArguments,
      timeout: LAUNCH_TIMEOUT_MS,
    });
    const contexts: Contexts = {
      version: browser.version(),
      open: (options) => browser.newContext(options),
      close: () => browser.close(),
    };
    return new TestBrowser(contexts, origins);
  }

  /**
   * One with a camera that sees what stands in a file, from the moment that a page opens it.
   * @param file see `cameraPicture`
   */
  static async openWithCamera(origin: string, file: string): Promise<TestBrowser> {
    const executablePath = await ensureBrowser();
    const camera = [
      "--use-fake-device-for-media-stream",
      "--use-fake-ui-for-media-stream",
      `--use-file-for-fake-video-capture=${file}`,
    ];
    const browser = await chromium.launch({
      executablePath,
      args: [...launchArguments, ...camera],
      timeout: LAUNCH_TIMEOUT_MS,
    });
    const contexts: Contexts = {
      version: browser.version(),
      open: (options) => browser.newContext(options),
      close: () => browser.close(),
    };
    return new TestBrowser(contexts, [origin]);
  }

  /** One whose owner has told it to let no site store anything. For one person: it has one context. */
  static async openRefusingStorage(origin: string): Promise<TestBrowser> {
    const profile = await mkdtemp(join(tmpdir(), "hearth-profile-"));
    await mkdir(join(profile, "Default"));
    const block = 2;
    const preferences = { profile: { default_content_setting_values: { cookies: block } } };
    await writeFile(join(profile, "Default", "Preferences"), JSON.stringify(preferences));
    const executablePath = await ensureBrowser();
    const made: BrowserContext[] = [];
    const contexts: Contexts = {
      version: "",
      open: async (options) => {
        const context = await chromium.launchPersistentContext(profile, {
          executablePath,
          args: launchArguments,
          timeout: LAUNCH_TIMEOUT_MS,
          ...options,
        });
        made.push(context);
        return context;
      },
      close: async () => {
        await Promise.all(made.map((context) => context.close()));
        await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      },
    };
    return new TestBrowser(contexts, [origin]);
  }

  get version(): string {
    return this.#contexts.version;
  }

  /** Somebody at a browser of their own. `account` is who they are; a newcomer has none yet. */
  async person(account?: Account, look: Look = {}): Promise<Person> {
    const context = await this.#contexts.open({
      viewport: look.viewport ?? (look.phone ? PHONE : { width: 1280, height: 800 }),
      colorScheme: look.colorScheme ?? "light",
      reducedMotion: "reduce",
      locale: "en-GB",
      ...(look.phone ? { hasTouch: true, isMobile: true, userAgent: PHONE_AGENT } : {}),
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    context.setDefaultTimeout(120_000);
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
    await this.#contexts.close();
  }

  /** Keeps what everybody sees now, for whoever looks into a failure: a picture and the text of each page. */
  async keepPictures(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    const pages = this.#people.flatMap((person) => person.page.context().pages());
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: join(folder, `${index}.png`) });
      await writeFile(
        join(folder, `${index}.txt`),
        `${page.url()}\n${await page.locator("body").innerText()}\n`,
      );
    }
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

/** Where people's contexts come from. */
type Contexts = {
  readonly version: string;
  open(options: BrowserContextOptions): Promise<BrowserContext>;
  close(): Promise<void>;
};

export const PHONE = { width: 390, height: 844 };
/** What is left of it while a keyboard is up. */
export const PHONE_WITH_KEYBOARD = { width: 390, height: 420 };
const PHONE_AGENT =
  "Mozilla/5.0 (Linux; Android 16; Example) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";

export type Look = {
  /** Touched, and as large as one. */
  readonly phone?: true;
  readonly viewport?: { width: number; height: number };
  readonly colorScheme?: "light" | "dark";
  /** Default: the browser's first. */
  readonly origin?: string;
};
