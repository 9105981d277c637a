import type { UserId } from "@hearth/protocol";
import type { CommandArg, CommandValue } from "../contract/index.ts";
import type { WorkspaceCommand } from "../session/api.ts";
import type { Parts } from "./parts.ts";

export type Commands = {
  readonly [Name in WorkspaceCommand]: (arg: CommandArg<Name>) => Promise<CommandValue<Name>>;
};

/** Which part each command goes to. */
export function commandsOf(parts: Parts): Commands {
  const { wipes, access, devices } = parts;
  const { requestCommands: requests, roomCommands: rooms, orgCommands: org, rosterCommands: roster } = parts;
  return {
    "request.open": (arg) => requests.open(arg),
    "request.do": (arg) => requests.do(arg),
    "request.close": (arg) => requests.close(arg),
    "request.reopen": (arg) => requests.reopen(arg),
    "request.addPeople": (arg) => requests.addPeople(arg),
    "request.addExamples": () => requests.addExamples(),
    "room.open": (arg) => rooms.open(arg),
    "room.close": (arg) => rooms.close(arg),
    "room.loadOlder": (arg) => rooms.loadOlder(arg),
    "room.markRead": (arg) => rooms.markRead(arg),
    "chat.send": (arg) => rooms.say(arg),
    "outbox.retry": (arg) => rooms.retry(arg),
    "outbox.discard": (arg) => rooms.discard(arg),
    "duty.set": (arg) => org.setDuty(arg),
    "profile.save": (arg) => org.saveProfile(arg),
    "invite.create": (arg) => org.createInvite(arg),
    "invite.revoke": (arg) => org.revokeInvite(arg),
    "org.do": (arg) => org.do(arg),
    "role.grant": (arg) => org.grantRole(arg),
    "role.revoke": (arg) => org.revokeRole(arg),
    "member.remove": (arg) => org.removeMember(arg),
    "policy.set": (arg) => org.setPolicy(arg),
    "wipe.devices": (arg) => wipes.devices(arg),
    "wipe.start": (arg) => wipes.start(arg),
    "access.ask": (arg) => access.ask(arg),
    "access.withdraw": (arg) => access.withdraw(arg),
    "access.give": (arg) => access.give(arg),
    "access.answerAlone": (arg) => access.answerAlone(arg),
    "access.decline": (arg) => access.decline(arg),
    "access.revoke": (arg) => access.revoke(arg),
    "member.acceptIdentity": (arg) => roster.acceptIdentity(arg),
    "roster.sign": (arg) => roster.sign(arg),
    "roster.believe": (arg) => roster.believe(arg),
    "member.dismissDevices": ({ userId }) => devices.dismiss(userId as UserId),
  };
}
