import type { ClientPort } from "@hearth/client-core/contract.ts";
import { must, waitForView, type Member } from "./world.ts";

/** Signs somebody in on a further device and unlocks it with their recovery key, till it has their requests. */
export async function signInAndUnlock(client: ClientPort, member: Member): Promise<void> {
  const { userName, password, recoveryKey } = member;
  await must(client, "session.signIn", { userName, password });
  await waitForView(client, "session", ({ phase }) => phase.kind === "setup", "asked to unlock");
  await must(client, "encryption.unlock", { recoveryKey });
  await waitForView(client, "requests", ({ loaded }) => loaded, "the list is there");
}
