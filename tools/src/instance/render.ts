/**
 * Fills a configuration template: `$name` becomes the JSON of the value of that name, which is also YAML, so that no
 * path or token can break out of its place. Comments are left as they are.
 *
 * @throws Error when the template asks for a value that isn't given, or a value is given that it doesn't ask for:
 *   either is a mistake that would otherwise show up as odd behaviour of Synapse.
 */
export function render(template: string, values: Readonly<Record<string, unknown>>): string {
  const used = new Set<string>();
  const lines = template.split("\n").map((line) => {
    if (line.trimStart().startsWith("#")) return line;
    return line.replace(/\$(\w+)/g, (_, name: string) => {
      if (!(name in values)) throw new Error(`the template asks for ${name}, which has no value`);
      used.add(name);
      return JSON.stringify(values[name]);
    });
  });
  const unused = Object.keys(values).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`the template does not ask for ${unused.join(", ")}`);
  return lines.join("\n");
}
