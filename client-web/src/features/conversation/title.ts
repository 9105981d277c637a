/** The first line of a description, which stands for the request in lists and headings. */
export function firstLine(description: string): string {
  return description.trim().split(/\r?\n/, 1)[0] ?? "";
}
