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

interface Stored {
  readonly accounts: readonly DemoAccount[];
  /** Passwords of people who are being made: the name may be registered already when a start breaks off. */
  readonly pending: Readonly<Record<string, string>>;
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

  /** The password that this person has or is to get. */
  passwordFor(userName: string): string {
    const kept = this.#stored.pending[userName];
    if (kept !== undefined) return kept;
    const password = readablePassword();
    this.#write({ ...this.#stored, pending: { ...this.#stored.pending, [userName]: password } });
    return password;
  }

  add(account: DemoAccount): void {
    const order = ({ userId }: DemoAccount) =>
      demoPeople.findIndex(({ userName }) => userId.startsWith(`@${userName}:`));
    const accounts = [...this.#stored.accounts, account].sort((a, b) => order(a) - order(b));
    this.#write({ ...this.#stored, accounts });
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
