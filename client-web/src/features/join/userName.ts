/** What a Matrix user id allows before its colon, without the slash, and short enough to be read out. */
const ALLOWED = /^[a-z0-9._=+-]{1,60}$/;

/** What is wrong with a user name, or undefined. Whether it is taken only the server knows. */
export function checkUserName(name: string): string | undefined {
  if (name === "") return "Choose a user name.";
  if (name.startsWith("@") || name.includes(":"))
    return "Type the name alone, without @ and without the server.";
  if (!ALLOWED.test(name))
    return "Only lower-case letters, digits, dots, dashes and underscores, without spaces.";
  if (/^[._-]/.test(name)) return "Begin with a letter or a digit.";
  return undefined;
}

/** A user name made from somebody's name, to be changed as they like. */
export function suggestUserName(displayName: string): string {
  return displayName
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .trim()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
}
