import type { CommandName } from "@hearth/protocol";
import { accessAnswer } from "./accessAnswer.ts";
import { accessAsk } from "./accessAsk.ts";
import { accessClean } from "./accessClean.ts";
import { accessWithdraw } from "./accessWithdraw.ts";
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
import { wipe, wipeDismiss, wipeDone, wipeSign } from "./wipe.ts";

/** Total: a command of the protocol without an implementation does not compile. */
export const REGISTRY: { readonly [Name in CommandName]: CommandImplementation<Name> } = {
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
  "access withdraw": accessWithdraw,
  "access answer": accessAnswer,
  "access clean": accessClean,
};
