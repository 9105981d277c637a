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
import { createNodeClient } from "@hearth/client-core/node.ts";
import { startInstance, type Instance, type InstanceOptions } from "@hearth/tools";
import { deleteDevice } from "./server.ts";

/** One instance of everything in a throw-away folder, on free ports. */
export type World = AsyncDisposable & {
  readonly instance: Instance;
  readonly dir: string;
  /** The one who invites the others; there from the first member on. */
  readonly adminMember: Member;
  /**
   * A member made through client-core in Node: joined, encryption set up, still running until disposed.
   * @param client joins with this one, signed out as it is, in place of a new one
   */
  member(name: string, roles: string[], client?: ClientPort): Promise<Member>;
};

export type Member = {
  readonly userId: string;
  readonly userName: string;
  readonly displayName: string;
  readonly password: string;
  readonly recoveryKey: string;
  readonly client: ClientPort;
};

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
export async function signsOut({ instance }: World, { client, userId }: Member): Promise<void> {
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

export async function startWorld(options: Partial<InstanceOptions> = {}): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), "hearth-test-"));
  const instance = await startInstance({
    dir,
    web: true,
    bots: true,
    bcryptRounds: 4,
    shortTimes: true,
    org: { id: `test-${randomBytes(4).toString("hex")}`, name: "Test Team" },
    ...options,
  });
  const members: Member[] = [];
  let admin: Member | undefined;
  let firstAdmin: Promise<Member> | undefined;

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
    await waitForView(client, "session", (v) => v.phase.kind === "ready", `${name} is in`);
    const knows = (view: Views["team"]) => view.members.some((each) => each.isMe);
    await waitForView(client, "team", knows, `${name} knows the team`);
    const made = {
      userId: `@${userName}:${instance.serverName}`,
      userName,
      displayName: name,
      password,
      recoveryKey,
      client,
    };
    members.push(made);
    // Until an admin's client has signed them onto the roster, they get no keys: from nobody who is here.
    for (const { client: each } of members) await seesListed(each, made.userId);
    return made;
  };

  return {
    instance,
    dir,
    get adminMember() {
      if (!admin) throw new Error("nobody has been made a member yet");
      return admin;
    },
    async member(name, roles, client) {
      const isFirst = firstAdmin === undefined && roles.includes("admin");
      firstAdmin ??= (async () => {
        const { link } = await createFirstAdminInvite({
          homeserverUrl: instance.homeserverUrl,
          asToken: instance.asToken,
          serverName: instance.serverName,
          orgId: instance.orgId,
          webUrl: instance.webUrl,
        });
        return join_(link, isFirst ? name : "First Admin");
      })();
      admin = await firstAdmin;
      if (isFirst) return admin;
      const { link } = await must(admin.client, "invite.create", { roles });
      return join_(link, name, client);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.client.dispose()));
      await instance.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
