import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { createFirstAdminInvite } from "@hearth/bots";
import type {
  ClientPort,
  CommandArg,
  CommandName,
  CommandValue,
  Slice,
  Views,
} from "@hearth/client-core/contract.ts";
import { MemoryStorage, createNodeClient } from "@hearth/client-core/node.ts";
import { startInstance, type Instance, type InstanceOptions } from "@hearth/tools";
import { PreparedPeople, PreparedWorld, type Joined, type PreparedPerson } from "./prepared/prepared.ts";
import { deleteDevice } from "./server.ts";

/** One instance of everything in a throw-away folder, on free ports. */
export type World = AsyncDisposable & {
  readonly instance: Instance;
  readonly dir: string;
  /** The one who invites the others; there from the first member on. */
  readonly adminMember: Member;
  /**
   * A member made through client-core in Node: joined, encryption set up, still running until disposed. Who is in the
   * prepared world under this name, with these roles, takes no time; everybody else joins now.
   * @param client joins with this one, signed out as it is, in place of a new one
   */
  member(name: string, roles: string[], client?: ClientPort): Promise<Member>;
  /** The same, without any device any more: whatever reads and answers from now on is a browser. */
  withoutDevice(name: string, roles: string[]): Promise<Joined>;
  /** Somebody of the prepared world with these roles, for a test that starts their program itself; undefined if none is left. */
  stored(roles: string[]): Promise<PreparedPerson | undefined>;
};

export type Member = Joined & { readonly client: ClientPort };

/** The one admin of a prepared world. */
const FIRST_ADMIN = "First Admin";

/** A distinct word for a test to type and to look for: 24 characters, so that it stands nowhere by chance. */
export function token(): string {
  return randomBytes(18).toString("base64url").replaceAll("-", "x").replaceAll("_", "y");
}

/**
 * Runs a command and gives its value; a refusal becomes an error that names the command. Where the bot had no time to
 * answer, it is given once more, as a person would: the limits are for people who wait, not for a busy machine.
 */
export async function must<Name extends CommandName>(
  client: ClientPort,
  name: Name,
  arg: CommandArg<Name>,
): Promise<CommandValue<Name>> {
  let outcome = await client.run(name, arg);
  for (let again = 0; again < 5 && !outcome.ok && outcome.code === "no_answer"; again++)
    outcome = await client.run(name, arg);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.code}: ${outcome.message}`);
  return outcome.value;
}

/**
 * Signs a member's client out for good: it waits a few seconds for the server to hear of that, and a device that the
 * server did not hear of in time would be taken for one of those that follow.
 */
export async function signsOut(
  { instance }: Pick<World, "instance">,
  { client, userId }: Member,
): Promise<void> {
  const deviceId = client.view("session")?.deviceId ?? "";
  const { serverTold } = await must(client, "session.signOut", {});
  if (!serverTold) await deleteDevice(instance, userId, deviceId);
}

/** Waits until a slice's view is as wanted; says what it was when time runs out. */
export function waitForView<S extends Slice>(
  client: ClientPort,
  slice: S,
  wanted: (view: Views[S]) => boolean,
  what: string,
  timeoutMs = 150_000,
): Promise<Views[S]> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const view = client.view(slice);
      if (view === undefined || !wanted(view)) return;
      stop();
      clearTimeout(timer);
      resolve(view);
    };
    const stop = client.subscribe(slice, look);
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(`${what}: not within ${timeoutMs} ms; ${slice} is ${JSON.stringify(client.view(slice))}`),
      );
    }, timeoutMs);
    look();
  });
}

/** An admin compares codes with somebody, and signs them. */
export async function confirm(admin: ClientPort, userId: string): Promise<void> {
  const waits = (view: Views["team"]) =>
    view.members.find((row) => row.userId === userId && row.roster !== "listed" && row.code !== undefined);
  const view = await waitForView(
    admin,
    "team",
    (v) => waits(v) !== undefined,
    `${userId} is to be confirmed`,
  );
  await must(admin, "member.acceptIdentity", { userId, code: waits(view)?.code ?? "" });
}

/** The room of the request whose title has these words, as soon as this client knows it and the server has it. */
export async function roomOf(client: ClientPort, title: string): Promise<string> {
  const find = (view: Views["requests"]) =>
    view.rows.find((row) => row.title.includes(title) && row.roomId.startsWith("!"));
  const view = await waitForView(client, "requests", (v) => find(v) !== undefined, `a request "${title}"`);
  return find(view)?.roomId ?? "";
}

/** Waits until a client sees somebody on the roster; one that is disposed of or signed out is not waited for. */
async function seesListed(client: ClientPort, userId: string): Promise<void> {
  const isHere = () => client.view("session")?.phase.kind === "ready" && client.view("team") !== undefined;
  const isListed = () =>
    client.view("team")?.members.some((row) => row.userId === userId && row.roster === "listed") === true;
  const end = Date.now() + 150_000;
  while (isHere() && !isListed()) {
    if (Date.now() > end)
      throw new Error(`${userId} is not on the roster: ${JSON.stringify(client.view("team"))}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export type WorldOptions = Partial<InstanceOptions> & {
  /** Begins with an empty organisation. Default: with a copy of the prepared one, unless another org is asked for. */
  readonly fresh?: boolean;
};

export async function startWorld({ fresh, ...options }: WorldOptions = {}): Promise<World> {
  const prepared = (fresh ?? options.org !== undefined) ? undefined : await PreparedWorld.get();
  const dir = await mkdtemp(join(tmpdir(), "hearth-test-"));
  await prepared?.copyServer(dir);
  const instance = await startInstance({
    dir,
    web: true,
    bots: true,
    bcryptRounds: 4,
    shortTimes: true,
    ...(prepared ? {} : { org: { id: `test-${randomBytes(4).toString("hex")}`, name: "Test Team" } }),
    ...options,
  });
  const people = prepared && new PreparedPeople(prepared);
  const members: Member[] = [];
  let admin: Member | undefined;
  let firstAdmin: Promise<Member> | undefined;

  /** Somebody who joins now, by a link. */
  const join_ = async (link: string, name: string, given?: ClientPort): Promise<Member> => {
    const userName = name.toLowerCase().replaceAll(" ", "-");
    const password = `correct ${token()} staple`;
    const client = given ?? (await createNodeClient({ baseUrl: instance.webUrl }));
    await must(client, "join.accept", { link, userName, displayName: name, password });
    await waitForView(
      client,
      "session",
      (v) => v.phase.kind === "setup",
      `${name} is asked to set up encryption`,
    );
    const { recoveryKey } = await must(client, "encryption.setUp", { password });
    await must(client, "encryption.confirmSaved", {});
    await knowsTheTeam(client, name);
    const userId = `@${userName}:${instance.serverName}`;
    const made = { userId, userName, displayName: name, password, recoveryKey, client };
    members.push(made);
    // Until an admin's client has signed them onto the roster, they get no keys: from nobody who is here.
    for (const { client: each } of members) await seesListed(each, made.userId);
    return made;
  };

  /** Somebody who joined when the world was prepared goes on. */
  const goOn = async ({ account, storage }: PreparedPerson): Promise<Member> => {
    const stored = await MemoryStorage.from(storage);
    const client = await createNodeClient({ baseUrl: instance.webUrl, storage: stored });
    await knowsTheTeam(client, account.displayName);
    const member = { ...account, client };
    members.push(member);
    return member;
  };

  /** @param name whose it is, if nobody has been made yet who could be the first admin */
  const theFirstAdmin = async (name = FIRST_ADMIN, client?: ClientPort): Promise<Member> => {
    firstAdmin ??= (async () => {
      const ready = await people?.take(["admin"]);
      if (ready) return goOn(ready);
      const { link } = await createFirstAdminInvite({
        homeserverUrl: instance.homeserverUrl,
        asToken: instance.asToken,
        serverName: instance.serverName,
        orgId: instance.orgId,
        webUrl: instance.webUrl,
      });
      return join_(link, name, client);
    })();
    return (admin = await firstAdmin);
  };

  const member = async (name: string, roles: string[], client?: ClientPort): Promise<Member> => {
    // In a prepared world that is one and the same person, whoever asks for them and however often.
    const isFirst = people ? name === FIRST_ADMIN : firstAdmin === undefined;
    if (isFirst && roles.includes("admin")) return theFirstAdmin(name, client);
    const ready = client ? undefined : await people?.take(roles, name);
    if (ready) return goOn(ready);
    const { link } = await must((await theFirstAdmin()).client, "invite.create", { roles });
    return join_(link, name, client);
  };

  return {
    instance,
    dir,
    get adminMember() {
      if (!admin) throw new Error("nobody has been made a member yet");
      return admin;
    },
    member,
    async withoutDevice(name, roles) {
      const ready = await people?.take(roles, name);
      if (ready) {
        await deleteDevice(instance, ready.account.userId, ready.deviceId);
        return ready.account;
      }
      const made = await member(name, roles);
      await signsOut({ instance }, made);
      return made;
    },
    stored: async (roles) => people?.take(roles),
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((each) => each.client.dispose()));
      await instance.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function knowsTheTeam(client: ClientPort, name: string): Promise<void> {
  await waitForView(client, "session", (v) => v.phase.kind === "ready", `${name} is in`);
  const knows = (view: Views["team"]) => view.members.some((each) => each.isMe);
  await waitForView(client, "team", knows, `${name} knows the team`);
}
