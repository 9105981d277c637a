import type { z } from "zod";

/** What is wrong with some input, as one line for the person who typed it. */
export function sentences(error: z.ZodError): string {
  const each = error.issues.map(({ path, message }) => {
    const where = path.join(".");
    return where === "" || message.startsWith(where) ? message : `${where}: ${message}`;
  });
  return `${[...new Set(each)].join("; ")}.`;
}
