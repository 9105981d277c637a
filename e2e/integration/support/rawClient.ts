// A Matrix client of a hundred lines: it sends whatever a test tells it to, which no honest client would. Answers are
// values, refusals included.

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
  /** Empty when the request was accepted. */
  readonly errcode: string;
  readonly error: string;
}

export interface RawClient {
  readonly userId: string;
  readonly deviceId: string | undefined;
  /** The same person through another address, the proxy's for instance. */
  at(baseUrl: string): RawClient;
  request(method: string, path: string, body?: unknown): Promise<Answer>;
  /** An event of the timeline, or of the state when it has a state key. */
  send(roomId: string, type: string, content: unknown, stateKey?: string): Promise<Answer>;
  createRoom(body: unknown): Promise<Answer>;
  join(roomId: string): Promise<Answer>;
}

let transactions = 0;

export function rawClient(options: {
  readonly baseUrl: string;
  readonly token: string;
  readonly userId: string;
  readonly deviceId?: string;
}): RawClient {
  const request = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${options.baseUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${options.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return toAnswer(response);
  };
  const room = (roomId: string) => `/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
  return {
    userId: options.userId,
    deviceId: options.deviceId,
    at: (baseUrl) => rawClient({ ...options, baseUrl }),
    request,
    send(roomId, type, content, stateKey) {
      const kind = encodeURIComponent(type);
      return stateKey === undefined
        ? request("PUT", `${room(roomId)}/send/${kind}/test-${(transactions += 1)}`, content)
        : request("PUT", `${room(roomId)}/state/${kind}/${encodeURIComponent(stateKey)}`, content);
    },
    createRoom: (body) => request("POST", "/_matrix/client/v3/createRoom", body),
    join: (roomId) => request("POST", `${room(roomId)}/join`, {}),
  };
}

async function toAnswer(response: Response): Promise<Answer> {
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Some answers of Synapse's are pages; the status says enough.
  }
  const word = (key: string) => {
    const value = body[key];
    return typeof value === "string" ? value : "";
  };
  return { status: response.status, body, errcode: word("errcode"), error: word("error") };
}

/** The answer's body, or an error that quotes the refusal: for the steps that a test needs and is not about. */
export async function expectOk(answer: Promise<Answer>): Promise<Record<string, unknown>> {
  const { status, body, errcode, error } = await answer;
  if (status !== 200 && status !== 201) throw new Error(`${status} ${errcode}: ${error}`);
  return body;
}

/** The bot, acting by its appservice token: it has no device. */
export function botClient(instance: {
  readonly homeserverUrl: string;
  readonly asToken: string;
  readonly botUserId: string;
}): RawClient {
  return rawClient({
    baseUrl: instance.homeserverUrl,
    token: instance.asToken,
    userId: instance.botUserId,
  });
}

/** Makes an account through the admin API and signs it in, with a device and no keys. */
export async function newPerson(
  instance: { readonly homeserverUrl: string; readonly serverName: string },
  bot: RawClient,
  name: string,
): Promise<RawClient> {
  const userId = `@${name}:${instance.serverName}`;
  const password = `a long password for ${name}`;
  await expectOk(bot.request("PUT", `/_synapse/admin/v2/users/${encodeURIComponent(userId)}`, { password }));
  const nobody = rawClient({ baseUrl: instance.homeserverUrl, token: "", userId });
  const session = await expectOk(
    nobody.request("POST", "/_matrix/client/v3/login", {
      type: "m.login.password",
      identifier: { type: "m.id.user", user: userId },
      password,
    }),
  );
  return rawClient({
    baseUrl: instance.homeserverUrl,
    token: String(session["access_token"]),
    userId,
    deviceId: String(session["device_id"]),
  });
}
