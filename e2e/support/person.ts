import type { Locator, Page } from "playwright-core";

/** Layout that is still on its way is at its place by then. */
const IN_VIEW_MS = 10_000;

/** What somebody needs to sign in. */
export type Account = { readonly userName: string; readonly password: string; readonly recoveryKey: string };

export type NewRequest = {
  readonly description: string;
  readonly location?: string;
  readonly callerName?: string;
  readonly callerContact?: string;
  readonly priority?: "Critical" | "Urgent" | "Non-urgent";
  /** Display names of who should have it. */
  readonly people?: readonly string[];
};

/**
 * Somebody at a browser, acting by what a screen reader would find: roles, labels and words. Every method waits for
 * what it needs and fails when it does not come; none waits for a time.
 */
export class Person {
  readonly page: Page;
  readonly origin: string;
  readonly #account: Account | undefined;

  constructor(page: Page, origin: string, account: Account | undefined) {
    this.page = page;
    this.origin = origin;
    this.#account = account;
  }

  // -- getting in ------------------------------------------------------------------------------------------------

  async goTo(path: string): Promise<void> {
    await this.page.goto(this.origin + path);
  }

  /** With the password alone; what comes next is for the journey to say. */
  async enterPassword(account: Pick<Account, "userName" | "password"> = this.account): Promise<void> {
    await this.goTo("/sign-in/");
    await this.field("User name").fill(account.userName);
    await this.field("Password").fill(account.password);
    await this.press("Sign in");
  }

  async enterRecoveryKey(recoveryKey = this.account.recoveryKey): Promise<void> {
    await this.field("Recovery key").fill(recoveryKey);
    await this.press("Unlock");
  }

  /** From nothing to the list of requests. */
  async signIn(): Promise<this> {
    await this.enterPassword();
    await this.enterRecoveryKey();
    await this.seesList();
    return this;
  }

  async signOut(): Promise<void> {
    await this.visit("Settings");
    await this.press("Sign out");
    await this.press("Sign out", this.dialog);
    await this.heading("Sign in").waitFor();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }

  /** The same person at another tab of the same browser. */
  beside(page: Page): Person {
    return new Person(page, this.origin, this.#account);
  }

  /** What this browser keeps for Hearth, by name: buckets, databases, files, entries of every kind. */
  async stored(): Promise<string[]> {
    return this.page.evaluate(async () => {
      type Buckets = { keys(): Promise<string[]> };
      const buckets = (navigator as { storageBuckets?: Buckets }).storageBuckets;
      const found = (await buckets?.keys())?.map((name) => `bucket ${name}`) ?? [];
      for (const { name } of await indexedDB.databases()) found.push(`database ${name}`);
      for (const name of await caches.keys()) found.push(`cache ${name}`);
      const files = (await navigator.storage.getDirectory()) as unknown as { keys(): AsyncIterable<string> };
      for await (const name of files.keys()) found.push(`file ${name}`);
      for (const name of Object.keys(localStorage)) found.push(`localStorage ${name}`);
      for (const name of Object.keys(sessionStorage)) found.push(`sessionStorage ${name}`);
      if (document.cookie !== "") found.push("cookies");
      return found;
    });
  }

  get account(): Account {
    if (!this.#account) throw new Error("this person has no account yet");
    return this.#account;
  }

  // -- around ------------------------------------------------------------------------------------------------------

  async visit(place: "Requests" | "Team" | "Profile" | "Settings" | "Help"): Promise<void> {
    await this.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: place }).click();
  }

  async seesList(): Promise<void> {
    await this.heading("Requests").waitFor();
    await this.page.getByText("Loading requests").waitFor({ state: "hidden" });
  }

  /** Waits until these words stand somewhere on the page. */
  async sees(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }

  async seesNot(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor({ state: "hidden" });
  }

  /** All that stands on the page now, as text. */
  async reads(): Promise<string> {
    return this.page.locator("body").innerText();
  }

  // -- requests ----------------------------------------------------------------------------------------------------

  async openRequest(request: NewRequest): Promise<void> {
    await this.visit("Requests");
    await this.page.getByRole("link", { name: "New request" }).click();
    await this.fillRequest(request);
    for (const name of request.people ?? []) await this.tick(name);
    await this.press("Open request");
    await this.seesRequest(request.description);
  }

  async fillRequest(request: NewRequest): Promise<void> {
    await this.page.getByRole("textbox", { name: /^What happened/ }).fill(request.description);
    if (request.location !== undefined) await this.field("Location").fill(request.location);
    if (request.callerName !== undefined) await this.field("Caller’s name").fill(request.callerName);
    if (request.callerContact !== undefined)
      await this.field("How to reach the caller").fill(request.callerContact);
    if (request.priority !== undefined) await this.tick(new RegExp(`^${request.priority}$`));
  }

  /** The row of the list that has these words. */
  row(words: string | RegExp): Locator {
    return this.page.getByRole("list", { name: "Requests" }).getByRole("link").filter({ hasText: words });
  }

  /** Opens a request from the list; waits until it is there. */
  async choosesRequest(words: string): Promise<void> {
    await this.row(words).click();
    await this.seesRequest(words);
  }

  /** The request that has these words in its first line is open on the page. */
  async seesRequest(words: string): Promise<void> {
    await this.request
      .getByRole("heading", { level: 1 })
      .filter({ hasText: firstLine(words) })
      .waitFor();
  }

  /** The request that is open on the page. */
  get request(): Locator {
    return this.page.getByRole("article", { name: /^Request/ });
  }

  get composer(): Locator {
    return this.page.getByRole("textbox", { name: "Message", exact: true });
  }

  /** Writes into the chat; the message then stands there, sent or not. */
  async says(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.press("Send");
    await this.message(text).waitFor();
  }

  /** One item of the conversation by its words. */
  message(words: string | RegExp): Locator {
    return this.page.getByRole("log", { name: "Messages" }).getByRole("listitem").filter({ hasText: words });
  }

  /** Waits until nothing of one's own waits to be sent any more. */
  async everythingIsSent(): Promise<void> {
    await this.request.filter({ hasNotText: /Waiting to be sent|Sending…/ }).waitFor();
  }

  /**
   * Waits until the whole of it stands where somebody sees it who does nothing for it: within the window, and under nothing
   * else. Scrolls nowhere.
   */
  async hasInView(...what: readonly Locator[]): Promise<void> {
    for (const each of what) {
      await each.waitFor();
      const covered = (element: Element): string | undefined => {
        const box = element.getBoundingClientRect();
        if (box.top < -1 || box.left < -1 || box.bottom > innerHeight + 1 || box.right > innerWidth + 1)
          return `out of the window: ${JSON.stringify(box)}`;
        const points = [
          [box.left + box.width / 2, box.top + 3],
          [box.left + box.width / 2, box.top + box.height / 2],
          [box.left + box.width / 2, box.bottom - 3],
        ] as const;
        const over = points
          .map(([x, y]) => document.elementFromPoint(x, y))
          .find((top) => top !== null && !element.contains(top) && !top.contains(element));
        return over ? `under ${over.outerHTML.slice(0, 120)}` : undefined;
      };
      const end = Date.now() + IN_VIEW_MS;
      for (let why = await each.evaluate(covered); why !== undefined; why = await each.evaluate(covered))
        if (Date.now() > end) throw new Error(`${String(each)} is ${why}`);
    }
  }

  async setStatus(status: Status): Promise<void> {
    await this.statusButton(status).click();
    await this.seesStatus(status);
  }

  async seesStatus(status: Status | "Unassigned" | "Closed"): Promise<void> {
    await this.statusButton(status).and(this.page.locator("[aria-pressed=true]")).waitFor();
  }

  statusButton(status: string): Locator {
    return this.request
      .getByRole("group", { name: "Status" })
      .getByRole("button", { name: status, exact: true });
  }

  async closeRequest(outcome: string): Promise<void> {
    await this.statusButton("Close…").click();
    await this.field("Outcome", this.dialog).fill(outcome);
    await this.press("Close request", this.dialog);
    await this.seesStatus("Closed");
  }

  async addPeople(...names: [string, ...string[]]): Promise<void> {
    await this.press("Add people", this.request);
    for (const name of names) await this.tick(name, this.dialog);
    await this.press(/^Add \d+ (person|people)$/, this.dialog);
    await this.dialog.waitFor({ state: "hidden" });
  }

  // -- small things --------------------------------------------------------------------------------------------------

  field(label: string, within: Page | Locator = this.page): Locator {
    return within.getByRole("textbox", { name: label, exact: true });
  }

  heading(words: string | RegExp): Locator {
    return this.page.getByRole("heading", {
      name: words,
      ...(typeof words === "string" ? { exact: true } : {}),
    });
  }

  get dialog(): Locator {
    return this.page.getByRole("dialog").or(this.page.getByRole("alertdialog"));
  }

  async press(name: string | RegExp, within: Page | Locator = this.page): Promise<void> {
    await within.getByRole("button", { name, ...(typeof name === "string" ? { exact: true } : {}) }).click();
  }

  /** A check box or choice, by any of the words beside it. */
  async tick(words: string | RegExp, within: Page | Locator = this.page): Promise<void> {
    await within.locator("label").filter({ hasText: words }).click();
  }

  /** What stands beside a field as its error. */
  async errorOf(label: string): Promise<string> {
    const field = this.field(label);
    await field.and(this.page.locator("[aria-invalid=true]")).waitFor();
    const ids = (await field.getAttribute("aria-describedby"))?.split(" ") ?? [];
    const texts = await Promise.all(ids.map((id) => this.page.locator(`[id="${id}"]`).innerText()));
    return texts.join(" ");
  }
}

export type Status = "On the way" | "On site" | "Finished";

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}
