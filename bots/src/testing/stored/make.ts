// Makes the fixture of a bot's state with this version: `npm run fixtures`. Once for each version that
// is released, never again for one that was; docs/operations/upgrade.md says how.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Duty, Lifecycle, VERSION } from "@hearth/protocol";
import { admin, dispatcher, responder } from "../org.ts";
import { ADMIN_ROOM, ORG_ROOM, REQUEST, smallOrg, Stage, type Step } from "../stage.ts";
import { storyOf } from "../stories.ts";
import { Supervised } from "../supervised.ts";
import { toText } from "./stored.ts";

const file = join(import.meta.dirname, `bot-${VERSION}.json`);
if (existsSync(file)) throw new Error(`${file} is there: what a version has stored is never made again`);

const stage = new Stage(await smallOrg());
const bots = new Supervised(stage.server);
const play = async (steps: readonly Step[]) => {
  for (const step of steps) {
    step(stage);
    await bots.settle();
  }
};
for (const name of [
  "invite create",
  "invite accept",
  "role grant",
  "wipe sign",
  "access ask",
  "policy set",
] as const)
  await play(storyOf(name));
// What people write of themselves and of a request, readable for the server.
stage.server.add(responder, ORG_ROOM, Duty.type, Duty.example, responder);
stage.server.add(dispatcher, REQUEST, Lifecycle.type, Lifecycle.example, "");
await bots.settle();
// A command that the bot has not read yet: it is answered by whoever opens this.
stage.ask(admin, ADMIN_ROOM, "help", { command: "help" });

const note =
  "Test data: no person, no organisation and no key of this file is real. Never edited: see docs/operations/upgrade.md.";
writeFileSync(file, `${toText({ note, madeBy: VERSION, server: stage.server.data })}\n`);
process.stdout.write(`${file}\n`);
