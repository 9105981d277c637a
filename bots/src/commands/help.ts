import { COMMANDS, TYPED_COMMANDS, usageOf } from "@hearth/protocol";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

type Row = { name: string; usage: string; about: string };

export const help: CommandImplementation<"help"> = {
  plan(_situation, { command }) {
    const asked = command?.trim() ?? "";
    const rows = TYPED_COMMANDS.filter(
      (name) => asked === "" || name === asked || name.startsWith(`${asked} `),
    ).map((name): Row => ({ name, usage: usageOf(name), about: COMMANDS[name].help ?? "" }));
    return rows.length > 0
      ? done([], { commands: rows })
      : refuse("not_found", `There is no command "${asked}". Write !hearth help for the list.`);
  },
  render: (data) => (data["commands"] as Row[]).map(({ usage, about }) => `${usage}: ${about}`).join("\n"),
};
