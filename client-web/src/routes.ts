/** Every page of the product, as it stands in the address bar. The journeys walk this list. */
export const ROUTES = [
  "/",
  "/sign-in/",
  "/join/",
  "/setup/",
  "/requests/",
  "/requests/new/",
  "/team/",
  "/profile/",
  "/devices/",
  "/password/",
  "/lock/",
  "/settings/",
  "/access/",
  "/help/",
] as const;
export type Route = (typeof ROUTES)[number];

/** The address of one request. Room ids stand in the fragment, which a browser never sends to a server. */
export function requestHref(roomId: string): string {
  return `/requests/#room=${encodeURIComponent(roomId)}`;
}

/** The room id in a fragment such as `#room=!abc`, or undefined. */
export function roomInHash(hash: string): string | undefined {
  return new URLSearchParams(hash.replace(/^#/, "")).get("room") ?? undefined;
}
