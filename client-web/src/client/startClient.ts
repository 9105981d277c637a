import type { ClientPort } from "@hearth/client-core/contract.ts";

/** The one place that starts the client: in its worker, so that no screen ever waits for a key or the store. */
export async function startClient(): Promise<ClientPort> {
  const { createWorkerClient } = await import("@hearth/client-core/browser.ts");
  const worker = new Worker(new URL("./hearth.worker.ts", import.meta.url), {
    type: "module",
    name: "hearth",
  });
  return createWorkerClient(worker, window.location.origin);
}
