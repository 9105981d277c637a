import { z } from "zod";
import { defineCommand } from "../../define/command.ts";
import { AccessRequestId } from "../../grant/ask.ts";
import { MediaUrl, MOST_PARTS } from "../../grant/grant.ts";

/** Deletes the encrypted files of a grant that this admin uploaded. */
export const AccessClean = defineCommand({
  name: "access clean",
  args: z.object({ request: AccessRequestId, media: z.array(MediaUrl).min(1).max(MOST_PARTS) }),
  permission: null,
  rooms: ["org", "admin"],
  givenBy: "deed",
  audit: null,
  text: null,
  help: null,
  words: { label: "Delete the files of a grant" },
  example: { request: "AAAAAAAAAAAAAAAAAAAAAA", media: ["mxc://hearth.localhost/example"] },
});
