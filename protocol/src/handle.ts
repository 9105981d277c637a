/** `sam` of `@sam:example.org`; whatever it is, if it is no user id. */
export function shortName(userId: string): string {
  return /^@([^:]+):/.exec(userId)?.[1] ?? userId;
}

/**
 * `@sam` of `@sam:example.org` where that is the reader's own server, which is everybody's. Whole on any other, so that
 * nobody looks like somebody else.
 * @param local anybody's id on that server
 */
export function handle(userId: string, local: string | undefined): string {
  const server = local?.slice(local.indexOf(":"));
  return server !== undefined && userId.endsWith(server) ? `@${shortName(userId)}` : userId;
}
