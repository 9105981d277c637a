/** `sam` of `@sam:example.org`; whatever it is, if it is no user id. */
export function shortName(userId: string): string {
  return /^@([^:]+):/.exec(userId)?.[1] ?? userId;
}
