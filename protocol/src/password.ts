/**
 * The server compares no more than that of a password (bcrypt; Synapse cuts it off). Whoever chose a longer one before
 * still signs in with it; nobody is let choose one whose end counts for nothing.
 */
export const MOST_PASSWORD_BYTES = 72;

/** As the server counts it: composed (NFKC), in UTF-8. */
export function passwordBytes(password: string): number {
  return new TextEncoder().encode(password.normalize("NFKC")).length;
}
