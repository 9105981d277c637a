import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium, type Browser, type Page } from "playwright-core";
import { ensureBrowser, launchArguments } from "@hearth/tools/browser.mjs";

/** A browser's profile on the disk: it outlives the browsers that use it, one after the other, and can be looked into. */
export class Profile implements AsyncDisposable {
  readonly dir: string;
  #open: RunningBrowser | undefined;

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async create(): Promise<Profile> {
    return new Profile(await mkdtemp(join(tmpdir(), "hearth-profile-")));
  }

  /** What somebody takes home who had the disk in their hands while the browser was shut. */
  async copy(): Promise<Profile> {
    const copy = await Profile.create();
    await cp(this.dir, copy.dir, { recursive: true });
    return copy;
  }

  /** Starts a browser on it. One at a time. */
  async open(): Promise<RunningBrowser> {
    const running = await RunningBrowser.start(this.dir);
    this.#open = running;
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.kill();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A Chromium of our own making, because it must be possible to kill it: all of its processes at once, at any moment. */
export class RunningBrowser {
  readonly #process: ChildProcess;
  readonly #browser: Browser;
  readonly #gone: Promise<void>;

  private constructor(process: ChildProcess, browser: Browser, gone: Promise<void>) {
    this.#process = process;
    this.#browser = browser;
    this.#gone = gone;
  }

  static async start(dir: string): Promise<RunningBrowser> {
    const args = [
      ...launchArguments,
      "--headless",
      "--remote-debugging-port=0",
      `--user-data-dir=${dir}`,
      "--password-store=basic",
      "--disable-dev-shm-usage",
      "--no-default-browser-check",
      "about:blank",
    ];
    const started = spawn(await ensureBrowser(), args, {
      // A group of its own, so that one signal reaches all its processes.
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const gone = new Promise<void>((resolve) => started.once("exit", () => resolve()));
    const address = await addressOf(started);
    // Playwright's own half minute is short where the machine stands still.
    return new RunningBrowser(started, await chromium.connectOverCDP(address, { timeout: 120_000 }), gone);
  }

  /** A new tab. */
  async page(): Promise<Page> {
    const [context] = this.#browser.contexts();
    if (!context) throw new Error("the browser has no context");
    context.setDefaultTimeout(120_000);
    const page = await context.newPage();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ reducedMotion: "reduce" });
    return page;
  }

  /** As somebody closes it who is done. */
  async close(): Promise<void> {
    const session = await this.#browser.newBrowserCDPSession();
    await session.send("Browser.close").catch(() => {});
    await this.#gone;
  }

  /** As a battery that runs out. */
  async kill(): Promise<void> {
    this.killNow();
    await this.#gone;
  }

  /** The same, without waiting for anything first. */
  killNow(): void {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    if (this.#process.pid === undefined) return;
    process.kill(-this.#process.pid, "SIGKILL");
  }
}

async function addressOf(started: ChildProcess): Promise<string> {
  if (!started.stderr) throw new Error("the browser's messages are not read");
  for await (const line of createInterface({ input: started.stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    started.stderr.resume();
    return address;
  }
  throw new Error("the browser ended before it could be used");
}
