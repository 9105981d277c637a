import { COMMANDS } from "@hearth/protocol";
import type { CommandName, Writes } from "@hearth/protocol";
import { accessAnswer } from "./accessAnswer.ts";
import { accessAsk } from "./accessAsk.ts";
import { accessClean } from "./accessClean.ts";
import { help } from "./help.ts";
import type { CommandImplementation } from "./implementation.ts";
import { inviteAccept } from "./inviteAccept.ts";
import { inviteCreate } from "./inviteCreate.ts";
import { inviteList } from "./inviteList.ts";
import { inviteRevoke } from "./inviteRevoke.ts";
import { memberRemove } from "./memberRemove.ts";
import { policySet } from "./policySet.ts";
import { policyShow } from "./policyShow.ts";
import { roleGrant } from "./roleGrant.ts";
import { roleRevoke } from "./roleRevoke.ts";
import { rosterSign } from "./rosterSign.ts";
import { plainly } from "./writes.ts";
import { wipe, wipeDismiss, wipeDone, wipeSign } from "./wipe.ts";

/** Those that say in their definition which state event they write: nothing is left to implement. */
export type Plain = {
  [Name in CommandName]: (typeof COMMANDS)[Name] extends { readonly writes: object } ? Name : never;
}[CommandName];

/** Total: a command of the protocol without an implementation does not compile. */
const REGISTRY: { readonly [Name in Exclude<CommandName, Plain>]: CommandImplementation<Name> } = {
  help,
  "invite create": inviteCreate,
  "invite list": inviteList,
  "invite revoke": inviteRevoke,
  "invite accept": inviteAccept,
  "roster sign": rosterSign,
  "role grant": roleGrant,
  "role revoke": roleRevoke,
  "member remove": memberRemove,
  wipe,
  "wipe sign": wipeSign,
  "wipe done": wipeDone,
  "wipe dismiss": wipeDismiss,
  "policy show": policyShow,
  "policy set": policySet,
  "access ask": accessAsk,
  "access answer": accessAnswer,
  "access clean": accessClean,
};

/** The names of those that are implemented here. */
export const IMPLEMENTED: readonly string[] = Object.keys(REGISTRY);

/** A command's own implementation, or what its definition says that it writes. */
export function implementationOf<Name extends CommandName>(name: Name): CommandImplementation<Name> {
  const definition = COMMANDS[name];
  if ("writes" in definition) return plainly(definition.writes as Writes<never>);
  return (REGISTRY as unknown as { readonly [Each in Name]: CommandImplementation<Name> })[name];
}
