import type { Member, World } from "./world.ts";

type Json = Record<string, unknown>;

/** Somebody types a line into the admin room, in a client that knows nothing of Hearth. @returns what the bot answers */
export async function typeInAdminRoom(world: World, who: Member, line: string): Promise<string> {
  const base = `${world.instance.homeserverUrl}/_matrix/client`;
  let token = "";
  const ask = async (method: string, path: string, body?: Json): Promise<Json> => {
    const answer = await fetch(`${base}${path}`, {
      method,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const said = (await answer.json()) as Json;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(said)}`);
    return said;
  };
  const { access_token } = await ask("POST", "/v3/login", {
    type: "m.login.password",
    identifier: { type: "m.id.user", user: who.userName },
    password: who.password,
  });
  token = String(access_token);
  const { joined_rooms } = await ask("GET", "/v3/joined_rooms");
  for (const roomId of joined_rooms as string[]) {
    const room = `/v3/rooms/${encodeURIComponent(roomId)}`;
    const create = await ask("GET", `${room}/state/m.room.create/`);
    if (create["type"] !== "org.hearth.admin") continue;
    const { event_id } = await ask("PUT", `${room}/send/m.room.message/${Date.now()}`, {
      msgtype: "m.text",
      body: line,
    });
    const answers = `/v1/rooms/${encodeURIComponent(roomId)}/relations/${encodeURIComponent(String(event_id))}/m.reference`;
    // The limit only turns a hang into a failure that has a name.
    for (const end = Date.now() + 150_000; Date.now() < end;) {
      const { chunk } = await ask("GET", answers);
      const [answer] = chunk as { content: { body?: string } }[];
      if (answer) return answer.content.body ?? "";
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`no answer to ${line}`);
  }
  throw new Error(`${who.userName} is in no admin room`);
}
