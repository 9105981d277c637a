// What `npm start` can be told. Read before anything is set up, so that a typing error costs no minute.
import { existsSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
// As a namespace: a Node that lacks parseArgs must get as far as being told that it is too old.
import * as util from "node:util";
import { lockHolder } from "./lock.mjs";
import { ensureDiskSpace } from "./machine.mjs";
import { dataFolder } from "./paths.mjs";
import { Problem } from "./problem.mjs";

export const instanceFolder = join(dataFolder, "dev");
export const devFile = join(dataFolder, "dev.json");

export const help = `Usage: npm start [-- options]

Sets up what is missing and brings up Hearth on this machine: homeserver, bots, web client, and an org with demo
accounts. Data is kept in .hearth/ between starts. Ctrl-C stops it.

  --port N     port of the web client (default 8420)
  --no-demo    an empty org instead of the demo one; prints the invite link of its first admin
  --fresh      begin anew: deletes all that earlier starts stored here (asks first)
  --yes        don't ask
  --help       this text
`;

/** @typedef {{ port: number, demo: boolean, fresh: boolean, yes: boolean, help: boolean }} StartOptions */

/**
 * @param {string[]} args
 * @returns {StartOptions}
 * @throws {Problem} for what is not an option
 */
export function parseStartOptions(args) {
  let values;
  try {
    ({ values } = util.parseArgs({
      args,
      options: {
        port: { type: "string", default: "8420" },
        "no-demo": { type: "boolean", default: false },
        fresh: { type: "boolean", default: false },
        yes: { type: "boolean", short: "y", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }));
  } catch (error) {
    const said = error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error);
    throw new Problem(`${said}. See: npm start -- --help`);
  }
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port ?? "") || port < 1 || port > 65535)
    throw new Problem(`"${values.port}" is not a port: give a number from 1 to 65535, such as --port 8420.`);
  return {
    port,
    demo: values["no-demo"] !== true,
    fresh: values.fresh === true,
    yes: values.yes === true,
    help: values.help === true,
  };
}

/**
 * What can be known before set-up: nothing runs from here already, the port is free, the disk isn't full, and whoever asked for a fresh
 * start means it.
 * @param {StartOptions} options
 */
export async function ensureCanStart(options) {
  const holder = lockHolder(join(instanceFolder, "instance.lock"));
  if (holder && !holder.stale)
    throw new Problem(
      `Hearth already runs from this folder (process ${holder.pid}${holder.note ? `, ${holder.note}` : ""}): use that one, or stop it with Ctrl-C where it was started.`,
    );
  await ensurePortIsFree(options.port);
  await ensureDiskSpace("run");
  if (!options.fresh || !existsSync(instanceFolder)) return;
  if (!options.yes) await confirmFresh();
  rmSync(instanceFolder, { recursive: true, force: true });
  rmSync(devFile, { force: true });
}

async function confirmFresh() {
  if (!process.stdin.isTTY)
    throw new Problem(
      "--fresh deletes all accounts and requests stored here: add --yes to say that you mean it.",
    );
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await lines.question(
    "This deletes all accounts, requests and messages stored in .hearth/dev. Go on? (yes/no) ",
  );
  lines.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Problem("Nothing was deleted, nothing was started.");
}

/** @param {number} port */
function ensurePortIsFree(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const { code } = /** @type {NodeJS.ErrnoException} */ (error);
      if (code === "EADDRINUSE") reject(portTaken(port));
      else if (code === "EACCES") reject(portForbidden(port));
      else reject(error);
    });
    server.listen({ host: "127.0.0.1", port }, () => server.close(resolve));
  });
}

/** @param {number} port */
export function portTaken(port) {
  const other = port < 65535 ? port + 1 : 8420;
  return new Problem(
    `Port ${port} is already in use: stop the program that uses it, or choose another one: npm start -- --port ${other}`,
  );
}

/** @param {number} port */
export function portForbidden(port) {
  return new Problem(`This user may not use port ${port}: choose one above 1023: npm start -- --port 8420`);
}
