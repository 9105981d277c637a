import { VERSION } from "@hearth/protocol";

export const dynamic = "force-static";

/** Which version this origin serves, for clients that were opened before: written once, when the pages are. */
export function GET(): Response {
  return Response.json({ version: VERSION });
}
