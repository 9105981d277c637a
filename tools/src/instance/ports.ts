import { randomInt } from "node:crypto";
import { createServer } from "node:net";

// Below the ports that systems lend to outgoing connections: one of those could be taken by any connection between the
// moment it is found free and the moment Synapse listens on it.
const lowest = 20_000;
const highest = 32_000;
const attempts = 200;

/** Ports of the loopback interface, all different, that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < attempts && found.size < count; attempt++) {
    const port = randomInt(lowest, highest);
    if (await isFree(port)) found.add(port);
  }
  if (found.size < count) throw new Error(`no free port was found between ${lowest} and ${highest}`);
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
