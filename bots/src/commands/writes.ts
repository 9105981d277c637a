import { unknownFields, type CommandName, type CommandNo, type Writes } from "@hearth/protocol";
import { stateName } from "../org/state.ts";
import { done, refuse } from "./implementation.ts";
import type { CommandImplementation } from "./implementation.ts";

/** Carries out a command whose definition says which state event it writes. */
export function plainly<Name extends CommandName>(writes: Writes<never>): CommandImplementation<Name> {
  const { state } = writes;
  return {
    plan({ org, actor, at }, args) {
      const key = writes.key?.(args as never, { actor }) ?? "";
      const before = org.contents.get(stateName(state.type, key));
      const content = writes.content(args as never, { before, actor, at });
      if (content === "as it is") return done([]);
      if (isNo(content)) return refuse(content.refused, content.message);
      return done([
        {
          do: "org state",
          type: state.type,
          key,
          content: {
            ...unknownFields(state.schema, before),
            ...(state.schema.parse(content) as Record<string, unknown>),
          },
        },
      ]);
    },
    render: (_data, args) => writes.answer(args as never),
  };
}

function isNo(content: unknown): content is CommandNo {
  return typeof content === "object" && content !== null && "refused" in content;
}
