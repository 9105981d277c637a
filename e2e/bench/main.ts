// `npm run bench`: how long people wait. Builds its own data in a throw-away instance and prints a table. With
// `-- changes`: only what needs no server.
import { availableParallelism, cpus, totalmem } from "node:os";
import { TestBrowser } from "../support/browser.ts";
import { startWorld } from "../support/world.ts";
import { changeRows, measureChanges } from "./changes.ts";
import { milliseconds, quantile, seconds, table } from "./figures.ts";
import { measureGrant } from "./grant.ts";
import { measureList, ROOMS } from "./list.ts";
import { measureRotation, SESSIONS } from "./rotation.ts";
import { measureRestore } from "./restore.ts";
import { measureSend, MESSAGES } from "./send.ts";
import { measureWipe, WIPES } from "./wipe.ts";

const progress = (text: string) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K  … ${text}`);
};

if (process.argv.includes("changes")) console.log(table(changeRows(await measureChanges())));
else await main();
// Clients of the SDK that were stopped leave timers behind, which would keep this from ending.
process.exit();

async function main(): Promise<void> {
  // Whoever makes the data must not wait for the limits that keep people from flooding a server.
  const fast = { per_second: 100, burst_count: 1000 };
  await using world = await startWorld({
    synapseConfig: {
      rc_room_creation: fast,
      rc_message: fast,
      rc_invites: { per_room: fast, per_user: fast, per_issuer: fast },
    },
  });
  await using browser = await TestBrowser.open(world.instance.webUrl);
  progress("changes in the worker");
  const changes = await measureChanges();
  const send = await measureSend(world, browser, progress);
  const wipe = await measureWipe(world, browser, progress);
  const rotation = await measureRotation(world, progress);
  const list = await measureList(world, browser, progress);
  const restore = await measureRestore(world, browser, progress);
  const grant = await measureGrant(world, progress);
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");

  const memory = `${(totalmem() / 2 ** 30).toFixed(0)} GB`;
  console.log(
    [
      "",
      table([
        [`Request list with ${ROOMS} requests, cold: first row`, seconds(list.coldFirstRow)],
        [`Request list with ${ROOMS} requests, cold: all rows`, seconds(list.coldAllRows)],
        [
          `Request list with ${ROOMS} requests, warm (median of ${list.warmAllRows.length})`,
          seconds(quantile(list.warmAllRows, 0.5)),
        ],
        [`Send to visible on the other browser, median of ${MESSAGES}`, milliseconds(quantile(send, 0.5))],
        [`Send to visible on the other browser, 95th percentile`, milliseconds(quantile(send, 0.95))],
        [
          `Wipe of a browser that is online to its answer, median of ${WIPES}`,
          milliseconds(quantile(wipe, 0.5)),
        ],
        ["… slowest", milliseconds(quantile(wipe, 1))],
        [`Storage rotation of ${SESSIONS} sessions`, seconds(rotation.rotation)],
        [`  as a multiple of exporting them`, (rotation.rotation / rotation.exportAll).toFixed(2)],
        [`Prune of ${rotation.prune.keys} sessions`, seconds(rotation.prune.prune)],
        [`  as a multiple of exporting them`, (rotation.prune.prune / rotation.exportAll).toFixed(2)],
        ["  until the storage rotation after it has ended", seconds(rotation.prune.rotationAfter)],
        [`Restore of ${restore.keys} backed-up keys to a new browser`, seconds(restore.restore)],
        ["… in keys per second", ((restore.keys / restore.restore) * 1000).toFixed(0)],
        ["… as a multiple of a plain import into memory", (restore.restore / restore.plainImport).toFixed(1)],
        ["… longest block of the page", milliseconds(restore.longestBlock)],
        [`Grant of ${grant.keys} keys, from yes to stored`, seconds(grant.grant)],
        ["… as a multiple of a plain export and import", (grant.grant / grant.plain).toFixed(1)],
        ...changeRows(changes),
      ]),
      "",
      `  ${availableParallelism()} cores (${cpus()[0]?.model ?? "unknown"}), ${memory}; Node ${process.version}; Chromium ${browser.version}`,
      "  Server, bots and both browsers ran on this one machine. Cold: the requests came while the browser was shut.",
      "",
    ].join("\n"),
  );
}
