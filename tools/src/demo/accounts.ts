// The demo org's people. Each is stored as soon as it exists, so that a start that broke off goes on where it was.
import { randomInt } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { writePrivate } from "../instance/files.ts";

export interface DemoAccount {
  readonly role: string;
  readonly userId: string;
  readonly password: string;
  readonly recoveryKey: string;
}

export interface DemoPerson {
  readonly userName: string;
  readonly displayName: string;
  readonly role: string;
}

export const demoPeople: readonly [DemoPerson, ...DemoPerson[]] = [
  { userName: "demo-admin", displayName: "Demo Admin", role: "admin" },
  { userName: "demo-dispatcher", displayName: "Demo Dispatcher", role: "dispatcher" },
  { userName: "demo-responder-1", displayName: "Demo Responder 1", role: "responder" },
  { userName: "demo-responder-2", displayName: "Demo Responder 2", role: "responder" },
  { userName: "demo-exporter", displayName: "Demo Exporter", role: "exporter" },
];

interface Pending {
  readonly password: string;
  readonly recoveryKey?: string;
}

interface Stored {
  readonly accounts: readonly DemoAccount[];
  /** People who are being made: when a start breaks off, the name may be registered and the encryption set up. */
  readonly pending: Readonly<Record<string, Pending>>;
}

export class DemoStore {
  readonly #path: string;
  #stored: Stored;

  constructor(path: string) {
    this.#path = path;
    this.#stored = existsSync(path)
      ? (JSON.parse(readFileSync(path, "utf8")) as Stored)
      : { accounts: [], pending: {} };
  }

  get accounts(): readonly DemoAccount[] {
    return this.#stored.accounts;
  }

  /** Whether this person's account is there and known. */
  has({ userName }: DemoPerson, serverName: string): boolean {
    return this.accounts.some(({ userId }) => userId === `@${userName}:${serverName}`);
  }

  /** The password that this person has or is to get. */
  passwordFor(userName: string): string {
    const kept = this.#stored.pending[userName];
    if (kept) return kept.password;
    const password = readablePassword();
    this.#setPending(userName, { password });
    return password;
  }

  /** The recovery key of somebody who is being made, where it got that far. */
  recoveryKeyFor(userName: string): string | undefined {
    return this.#stored.pending[userName]?.recoveryKey;
  }

  keepRecoveryKey(userName: string, recoveryKey: string): void {
    this.#setPending(userName, { password: this.passwordFor(userName), recoveryKey });
  }

  add(account: DemoAccount): void {
    const order = ({ userId }: DemoAccount) =>
      demoPeople.findIndex(({ userName }) => userId.startsWith(`@${userName}:`));
    const accounts = [...this.#stored.accounts, account].sort((a, b) => order(a) - order(b));
    this.#write({ ...this.#stored, accounts });
  }

  #setPending(userName: string, pending: Pending): void {
    this.#write({ ...this.#stored, pending: { ...this.#stored.pending, [userName]: pending } });
  }

  #write(stored: Stored): void {
    writePrivate(this.#path, `${JSON.stringify(stored, undefined, 2)}\n`);
    this.#stored = stored;
  }
}

/** Sixteen letters and digits that can't be taken for each other, in fours: 80 bits. */
function readablePassword(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const group = () => Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}
