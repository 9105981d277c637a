// The bot's account: the appservice's sender, and the one server admin.
import { DatabaseSync } from "node:sqlite";

/**
 * Makes the bot's account if it isn't there. `inhibit_login` keeps Synapse from giving it a device: the bot has none.
 * @throws Error when Synapse refuses
 */
export async function registerBot(homeserverUrl: string, asToken: string, botUserId: string): Promise<void> {
  const answer = await fetch(`${homeserverUrl}/_matrix/client/v3/register`, {
    method: "POST",
    headers: { Authorization: `Bearer ${asToken}`, "Content-Type": "application/json" },
    body: JSON.stringify({
      type: "m.login.application_service",
      username: botUserId.slice(1, botUserId.indexOf(":")),
      inhibit_login: true,
    }),
  });
  const body = (await answer.json()) as { errcode?: string; error?: string };
  if (!answer.ok && body.errcode !== "M_USER_IN_USE")
    throw new Error(`Synapse refused to register ${botUserId}: ${body.error ?? answer.status}`);
}

/**
 * Makes the bot a server admin, straight in the database, as Synapse's manual has it for the first admin. The other way
 * needs a registration secret that would lie on the server for good, and a second admin who must be removed again.
 */
export function makeServerAdmin(databasePath: string, userId: string): void {
  const database = new DatabaseSync(databasePath, { timeout: 20_000 });
  try {
    const { changes } = database
      .prepare("UPDATE users SET admin = 1 WHERE name = ? AND admin = 0")
      .run(userId);
    const found = database.prepare("SELECT admin FROM users WHERE name = ?").get(userId);
    if (Number(changes) === 0 && found?.["admin"] !== 1) throw new Error(`${userId} is not in the database`);
  } finally {
    database.close();
  }
}
